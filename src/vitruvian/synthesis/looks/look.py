"""The look of a person: skin, eyes, hair, clothes and what else is worn, drawn once and then posed again and again."""

from dataclasses import dataclass, replace

import numpy as np

from vitruvian.synthesis.human.anatomy import Anatomy, Shape, Traits
from vitruvian.synthesis.human.pose import Posed, skinned
from vitruvian.synthesis.looks import clothes, fabric, hair, hats, skin, wear
from vitruvian.synthesis.looks.figure import Figure
from vitruvian.synthesis.looks.layer import Layer, merged
from vitruvian.synthesis.looks.outfits import random_outfit
from vitruvian.synthesis.rendering.paint import Paint
from vitruvian.synthesis.rendering.surface import Surface

EYES, MOUTH = ("l-eye", "r-eye"), ("upper-teeth", "lower-teeth", "tongue")


@dataclass(frozen=True, eq=False)
class Look:
    """triangles: (F, 3), of the body, what is not covered; paint: (F,), rows of paints; colour, pattern: (V, 3), as in
    Surface. worn: all that is on the body, at rest."""

    triangles: np.ndarray
    paint: np.ndarray
    paints: tuple[Paint, ...]
    colour: np.ndarray
    pattern: np.ndarray
    worn: Layer


def random_look(anatomy: Anatomy, shape: Shape, traits: Traits, rng: np.random.Generator) -> Look:
    """Somebody of such shape and traits, dressed."""
    figure = Figure.of(anatomy, shape)
    dark, tone = skin.random_tone(rng)
    colour = hair.random_hair_colour(traits, dark, rng)
    complexion = skin.random_complexion(traits, colour, dark, tone, rng)
    style = hair.random_style(traits, rng)
    complexion = replace(complexion, shaven=float(rng.uniform(0, 0.5)) if style is hair.bald else 0.75)
    garments = random_outfit(figure, traits, rng)
    layers: list[Layer] = []
    if rng.random() < 0.05:
        belts, layers = wear.backpack(figure, rng)
        garments = [*garments, *belts]
    garments = [*garments, *_on_hands(figure, rng)]
    dressed, figure = clothes.worn(figure, garments)
    layers = [*layers, *dressed]
    head, figure = _on_head(figure, traits, style, colour, rng)
    return _look(figure, complexion, [*layers, *head], rng)


def _on_hands(figure: Figure, rng: np.random.Generator) -> list[clothes.Garment]:
    """Gloves, watches and bracelets, of some."""
    found = []
    if rng.random() < 0.05:
        sides = (True, True) if rng.random() < 0.7 else ((True, False), (False, True))[int(rng.integers(2))]
        thick = float(rng.uniform(0.002, 0.008))
        found.append(clothes.gloves(figure, rng.uniform(1.8, 2.02), thick, fabric.cloth(rng, fabric.PLAIN_WEAR), sides))
    elif rng.random() < 0.2:
        paint = Paint(tint=fabric.cloth_colour(rng), gloss=0.2, sharpness=30.0)
        place, wide = rng.uniform(1.88, 1.96), rng.choice([0.012, 0.02, 0.06])
        found.append(clothes.bracelet(figure, place, wide, rng.random() < 0.6, paint))
    return found


def _on_head(
    figure: Figure, traits: Traits, style: hair.Style, colour: tuple[float, float, float], rng: np.random.Generator
) -> tuple[list[Layer], Figure]:
    """Hat, glasses, beard, brows, hair; and the figure that they cover."""
    paint = hair.hair_paint(colour, float(rng.uniform(0, 30)))
    layers: list[Layer] = []
    if rng.random() < 0.2:
        layers, hidden = hats.random_hat(figure, rng)
        figure = figure.under(hidden)
        hooded = (hidden[figure.anatomy.groups["hair"]] > 0).all()
        style = hair.cropped if hooded or style in (hair.afro, hair.bun, hair.braids) else style
    elif rng.random() < 0.03:
        layers = wear.headphones(figure, rng)
    if rng.random() < 0.16:
        layers = layers + wear.glasses(figure, rng.random() < 0.4, rng)
    if rng.random() < 0.02:
        masked, figure = clothes.worn(figure, wear.mask(figure, rng))
        layers = layers + masked
    if traits.gender < 0.5 and traits.age > 0.55 and rng.random() < 0.3:
        layers = layers + wear.facial_hair(figure, paint, rng)
    return [*layers, *wear.brows(figure, traits, paint, rng), *style(figure, paint, rng)], figure


def _look(figure: Figure, complexion: skin.Complexion, layers: list[Layer], rng: np.random.Generator) -> Look:
    surfaces = figure.anatomy.surfaces
    parts = [figure.seen(surfaces["body"]), *(np.concatenate([surfaces[n] for n in names]) for names in (EYES, MOUTH))]
    rows = np.repeat(np.arange(3, dtype=np.int32), [len(part) for part in parts])
    paints = skin.paints(complexion, float(rng.uniform(0, 30)))
    colour = skin.coloured(figure.anatomy, complexion)
    return Look(np.concatenate(parts), rows, paints, colour, figure.regions.eyeball, merged(layers))


def surfaces(look: Look, anatomy: Anatomy, shape: Shape, posed: Posed, owner: int = 0) -> list[Surface]:
    """The person in a pose: first the body, then all that is on it, which is thin."""
    worn = look.worn
    vertices = skinned(worn.vertices, shape.joints, worn.influence, worn.weight, posed.turns, posed.joints)
    return [
        Surface(posed.vertices, look.triangles, look.pattern, look.colour, look.paint, look.paints, owner),
        Surface(vertices, worn.triangles, worn.pattern, worn.colour, worn.paint, worn.paints, owner, thin=True),
    ]
