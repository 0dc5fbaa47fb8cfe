"""What people wear together, from the innermost garment to the outermost."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from vitruvian.synthesis.human.anatomy import Traits
from vitruvian.synthesis.looks import clothes as c
from vitruvian.synthesis.looks.clothes import ANKLE, WAIST, Cut, Garment
from vitruvian.synthesis.looks.fabric import (
    PLAIN_WEAR,
    PRINTS,
    SHIRTS,
    cloth,
    cloth_colour,
    denim,
    marked,
    shiny,
    sole,
    tinted,
)
from vitruvian.synthesis.looks.figure import Figure
from vitruvian.synthesis.rendering.paint import Paint

Rng = np.random.Generator
Outfit = Callable[[Figure, Traits, Rng], list[Garment]]


def underwear(figure: Figure, rng: Rng) -> list[Garment]:
    return [c.pants(figure, rng.uniform(0.98, 1.05), rng.uniform(0.1, 0.8), cloth(rng, PLAIN_WEAR))]


def footwear(figure: Figure, rng: Rng, bare: float = 0.12, boots: float = 0.1) -> list[Garment]:
    """Socks and shoes, or nothing."""
    kind, found = rng.random(), []
    if kind < bare:
        return []
    sock = replace(cloth(rng, PLAIN_WEAR), folds=0.1)
    if rng.random() < 0.6:
        found.append(c.socks(figure, rng.choice([0.15, 0.19, 0.25, 0.45], p=[0.3, 0.35, 0.2, 0.15]), sock))
    leather = Paint(
        tint=cloth_colour(rng), gloss=0.15, sharpness=20.0, seed=rng.uniform(0, 50), dirt=max(0, rng.normal(0, 0.2))
    )
    if kind < bare + boots:
        return [*found, c.shoes(figure, rng.uniform(0.2, 0.5), rng.uniform(0.008, 0.014), sole(leather, rng))]
    return [*found, c.shoes(figure, rng.uniform(0.095, 0.13), rng.uniform(0.005, 0.010), sole(leather, rng))]


def legwear(figure: Figure, rng: Rng) -> Garment:
    """Long trousers, jeans, leggings, shorts."""
    kind = rng.random()
    if kind < 0.38:
        return c.bottom(
            figure,
            rng.uniform(1.04, 1.13),
            _pair(ANKLE + rng.normal(0, 0.03), rng),
            rng.uniform(0.002, 0.02),
            denim(rng),
            rng.uniform(0, 0.03),
        )
    paint = cloth(rng, PLAIN_WEAR)
    if kind < 0.68:
        return c.bottom(
            figure,
            rng.uniform(1.04, 1.14),
            _pair(ANKLE + rng.normal(0, 0.03), rng),
            rng.uniform(0.006, 0.03),
            paint,
            rng.uniform(0, 0.04),
        )
    if kind < 0.76:
        return c.bottom(figure, rng.uniform(1.04, 1.14), _pair(rng.choice([ANKLE, 0.3]), rng), 0.0, paint)
    return c.bottom(
        figure,
        rng.uniform(1.03, 1.12),
        _pair(rng.uniform(0.5, 0.8), rng),
        rng.uniform(0.008, 0.03),
        paint if rng.random() < 0.7 else denim(rng),
        0.01,
    )


def _pair(height: float, rng: Rng) -> tuple[float, float]:
    """Left and right: nearly always alike."""
    other = height + (rng.uniform(0.05, 0.3) if rng.random() < 0.03 else 0.0)
    return (float(height), float(other)) if rng.random() < 0.5 else (float(other), float(height))


def _sleeve(rng: Rng, low: float, high: float) -> tuple[float, float]:
    one = rng.uniform(low, high)
    return (one, rng.uniform(0.6, 1.95)) if rng.random() < 0.03 else (one, one)


def upperwear(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    """T-shirt, shirt, jumper, tank top and so on, perhaps with a collar and a print."""
    kind, paint = rng.random(), cloth(rng)
    if rng.random() < 0.3 and paint.pattern == "plain":
        paint = marked(paint, rng, rng.random() < 0.2)
    hem, slack = rng.uniform(0.93, 1.03), rng.uniform(0.003, 0.03)
    if kind < 0.40:
        shirt = c.top(
            figure,
            Cut(_sleeve(rng, 0.25, 0.85), hem, rng.uniform(0.068, 0.10), _maybe(rng, 0.2, 1.40, 1.47), slack),
            paint,
        )
        return [shirt, c.collar(figure, paint)] if rng.random() < 0.2 else [shirt]
    if kind < 0.62:
        return [
            c.top(
                figure,
                Cut(_sleeve(rng, 1.5, 1.98), hem, rng.uniform(0.064, 0.09), _maybe(rng, 0.15, 1.40, 1.47), slack),
                paint,
            )
        ]
    if kind < 0.76:
        shirt = c.top(figure, Cut(_sleeve(rng, 1.1, 1.97), hem, 0.066, rng.uniform(1.47, 1.53), slack), paint)
        return [shirt, c.collar(figure, paint)]
    if kind < 0.84:
        return [c.top(figure, Cut((1.95, 1.95), rng.uniform(0.95, 1.0), 0.05, None, slack), paint)]
    if traits.gender > 0.5 and kind < 0.88:
        return [c.bandeau(figure, rng.uniform(1.0, 1.28), rng.uniform(1.43, 1.46), rng.random() < 0.7, paint)]
    return [c.singlet(figure, rng.uniform(0.085, 0.125), hem, slack * 0.6, paint)]


def _maybe(rng: Rng, often: float, low: float, high: float) -> float | None:
    return float(rng.uniform(low, high)) if rng.random() < often else None


def casual(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    legs, upper = legwear(figure, rng), upperwear(figure, traits, rng)
    inner = [legs, *upper] if rng.random() < 0.75 else [*upper, replace(legs, gap=np.add(legs.gap, 0.007))]
    found = [*footwear(figure, rng), *inner]
    if rng.random() < 0.2:
        found += jacket(figure, rng)
    return found


def jacket(figure: Figure, rng: Rng) -> list[Garment]:
    """Open or closed, over what is worn already; coats are longer."""
    paint = cloth(rng, PLAIN_WEAR) if rng.random() < 0.75 else denim(rng)
    cut = Cut(
        (1.97, 1.97),
        rng.uniform(0.92, 1.05),
        rng.uniform(0.066, 0.085),
        None,
        rng.uniform(0.01, 0.035),
        rng.uniform(0.013, 0.02),
    )
    body = c.top(figure, cut, paint)
    if rng.random() < 0.55:
        body = c.opened(figure, body, rng.uniform(0.005, 0.07), rng.uniform(0, 0.15))
    return [body, c.collar(figure, paint, rng.uniform(0.02, 0.05), 0.024)]


def sporty(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    """Jersey and shorts of a team."""
    main, second = cloth_colour(rng), cloth_colour(rng)
    shirt = replace(cloth(rng, SHIRTS, main), other=second)
    if rng.random() < 0.55:
        shirt = marked(shirt, rng, rng.random() < 0.8)
    shorts = replace(cloth(rng, PLAIN_WEAR, main if rng.random() < 0.4 else second), pattern="plain")
    if rng.random() < 0.2:
        shorts = replace(shorts, pattern="halves", other=main, direction=(1.0, 0.0, 0.0), scale=0.15)
    hem, slack = rng.uniform(0.95, 1.03), rng.uniform(0.003, 0.025)
    if rng.random() < 0.35:
        upper = c.singlet(figure, rng.uniform(0.085, 0.12), hem, slack, shirt)
    else:
        upper = c.top(
            figure,
            Cut(
                _sleeve(rng, *((0.4, 0.8) if rng.random() < 0.7 else (1.5, 1.95))),
                hem,
                0.078,
                _maybe(rng, 0.3, 1.45, 1.5),
                slack,
            ),
            shirt,
        )
    legs = c.bottom(
        figure, rng.uniform(1.04, 1.1), _pair(rng.uniform(0.56, 0.82), rng), rng.uniform(0.01, 0.03), shorts, 0.0
    )
    sock = c.socks(figure, rng.choice([0.17, 0.25, 0.5]), replace(cloth(rng, PLAIN_WEAR, second), scale=0.04))
    shoe = sole(Paint(tint=cloth_colour(rng), gloss=0.12, seed=rng.uniform(0, 9)), rng)
    found = [sock, c.shoes(figure, rng.uniform(0.1, 0.13), 0.007, shoe), legs, upper]
    return found[1:] if rng.random() < 0.2 else found


def skin_tight(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    """Gymnasts, cyclists, runners, divers, skaters."""
    paint = cloth(rng, SHIRTS)
    paint = marked(shiny(paint, rng), rng, True) if rng.random() < 0.4 else shiny(paint, rng)
    kind = rng.random()
    if kind < 0.3:
        parts = [c.swimsuit(figure, rng.uniform(0.2, 1.0), rng.uniform(0.085, 0.12), paint)]
        if rng.random() < 0.5:
            parts = [
                c.bottom(figure, 1.06, _pair(rng.choice([ANKLE, 0.7]), rng), 0.0, cloth(rng, PLAIN_WEAR)),
                *parts,
            ]
    elif kind < 0.6:
        whole = c.bottom(figure, 1.12, _pair(rng.choice([ANKLE, 0.62, 0.75]), rng), 0.0, paint)
        parts = [whole, c.top(figure, Cut(_sleeve(rng, 0.4, 1.97), 1.06, 0.07, None, 0.0), paint)]
    else:
        legs = c.bottom(figure, rng.uniform(1.05, 1.15), _pair(rng.choice([ANKLE, 0.35, 0.72, 0.8]), rng), 0.0, paint)
        parts = [legs]
        if traits.gender > 0.5 or rng.random() < 0.7:
            parts += [c.bandeau(figure, 1.29, 1.45, True, cloth(rng)) if traits.gender > 0.5 and rng.random() < 0.5
                      else c.singlet(figure, 0.095, 1.0, 0.002, cloth(rng))]  # fmt: skip
    return [*footwear(figure, rng, 0.45), *parts]


def swimming(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    paint = cloth(rng, PRINTS)
    feet = footwear(figure, rng, 0.85)
    if traits.gender > 0.5:
        if rng.random() < 0.5:
            return [*feet, c.swimsuit(figure, rng.uniform(0.2, 0.9), rng.uniform(0.085, 0.125), paint)]
        return [
            *feet,
            c.pants(figure, rng.uniform(0.97, 1.04), rng.uniform(0.3, 0.75), paint),
            c.bandeau(figure, 1.315, 1.445, rng.random() < 0.8, paint),
        ]
    if rng.random() < 0.4:
        return [*feet, c.pants(figure, rng.uniform(0.98, 1.04), rng.uniform(0, 0.6), paint)]
    return [
        *feet,
        c.bottom(figure, rng.uniform(1.0, 1.08), _pair(rng.uniform(0.58, 0.85), rng), rng.uniform(0.003, 0.025), paint),
    ]


def dressed_up(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    """Dresses; skirts with a blouse."""
    paint = cloth(rng, PRINTS)
    waist, hem = rng.uniform(1.07, 1.125), rng.choice([rng.uniform(0.6, 0.8), rng.uniform(0.2, 0.6)])
    lower = c.skirt(figure, waist, hem, rng.choice([-0.08, rng.uniform(-0.05, 0.9)]), paint)
    kind = rng.random()
    if kind < 0.45:
        sleeve = (-0.12, -0.12) if rng.random() < 0.5 else _sleeve(rng, 0.1, 1.9)
        upper = [
            c.top(
                figure,
                Cut(sleeve, waist - 0.035, rng.uniform(0.075, 0.115), _maybe(rng, 0.4, 1.36, 1.45), 0.002),
                paint,
            )
        ]
    elif kind < 0.6:
        upper = [c.bandeau(figure, waist - 0.035, rng.uniform(1.43, 1.46), rng.random() < 0.5, paint)]
    else:
        upper = upperwear(figure, traits, rng)
    found = [*footwear(figure, rng, 0.2), *underwear(figure, rng)]
    if rng.random() < 0.3:
        found += [c.bottom(figure, 1.08, (ANKLE, ANKLE), 0.0, replace(cloth(rng, PLAIN_WEAR), folds=0.05))]
    return found + ([lower, *upper] if rng.random() < 0.5 or kind < 0.6 else [*upper, lower])


def suit(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    """Shirt, tie, jacket, trousers."""
    paint = replace(cloth(rng, PLAIN_WEAR), pattern="plain", folds=0.15)
    if rng.random() < 0.7:
        level = rng.uniform(0.008, 0.08)
        paint = replace(paint, tint=tinted((level, level, level), rng.uniform(0.85, 1.2, 3)))
    shirt = replace(cloth(rng, SHIRTS), tint=(0.75, 0.75, 0.78)) if rng.random() < 0.6 else cloth(rng)
    legs = c.bottom(figure, 1.12, (ANKLE - 0.03, ANKLE - 0.03), rng.uniform(0.006, 0.02), paint, rng.uniform(0, 0.02))
    found = [
        c.top(figure, Cut((1.97, 1.97), 0.97, 0.06, None, 0.006), shirt),
        *footwear(figure, rng, 0.0),
        legs,
        c.collar(figure, shirt, 0.02, 0.008),
    ]
    if rng.random() < 0.6:
        found.append(c.tie(figure, 1.1, shiny(cloth(rng, PRINTS), rng)))
    if rng.random() < 0.8:
        body = c.top(
            figure, Cut((1.93, 1.93), rng.uniform(0.88, 0.95), 0.07, rng.uniform(1.12, 1.35), 0.012, 0.015), paint
        )
        found += [c.opened(figure, body, 0.004, rng.uniform(0, 0.12)), c.collar(figure, paint, 0.012, 0.022)]
    return found


def winter(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    """Thick trousers, coat, scarf, gloves, boots; skiers."""
    paint = cloth(rng, PLAIN_WEAR)
    if rng.random() < 0.3:
        paint = replace(
            paint, pattern="stripes", other=tinted(paint.tint, np.full(3, 0.7)), scale=0.07, direction=(0.0, 0.0, 1.0)
        )
    long, ankles = rng.random() < 0.35, (ANKLE - 0.02, ANKLE - 0.02)
    legs = c.bottom(figure, 1.12, ankles, 0.006 if long else rng.uniform(0.01, 0.03), cloth(rng, PLAIN_WEAR), 0.01)
    cut = Cut((1.98, 1.98), rng.uniform(0.86, 1.0), 0.064, None, rng.uniform(0.02, 0.05), rng.uniform(0.015, 0.03))
    found = [*footwear(figure, rng, 0.0, 0.6), legs, c.top(figure, cut, paint)]
    if long:
        found.append(c.skirt(figure, 1.05, rng.uniform(0.4, 0.75), rng.uniform(0, 0.2), paint))
    found.append(
        c.collar(figure, paint if rng.random() < 0.5 else cloth(rng, PLAIN_WEAR), rng.uniform(0.03, 0.07), 0.035)
    )
    if rng.random() < 0.5:
        found.append(c.gloves(figure, 1.9, rng.uniform(0.003, 0.007), cloth(rng, PLAIN_WEAR)))
    return found


def working(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    """Overalls, uniforms, safety vests, aprons."""
    paint = cloth(rng, PLAIN_WEAR)
    if rng.random() < 0.3:
        paint = replace(
            paint,
            pattern="camouflage",
            tint=(0.12, 0.13, 0.06),
            other=(0.25, 0.22, 0.13),
            scale=rng.uniform(0.05, 0.12),
            strength=1.0,
        )
    legs = c.bottom(figure, 1.12, (ANKLE, ANKLE), rng.uniform(0.01, 0.03), paint, 0.01)
    upper = c.top(
        figure, Cut(_sleeve(rng, 0.6, 1.97), rng.choice([0.95, 1.08]), 0.068, None, rng.uniform(0.005, 0.025)), paint
    )
    found = [*footwear(figure, rng, 0.0, 0.6), upper, legs, c.collar(figure, paint)]
    if rng.random() < 0.4:
        bright = ((0.8, 0.25, 0.02), (0.55, 0.75, 0.03))[int(rng.integers(2))]
        vest = replace(cloth(rng, PLAIN_WEAR, bright), pattern="stripes", other=(0.7, 0.7, 0.7), scale=0.16)
        found.append(
            c.opened(figure, c.top(figure, Cut((-0.02, -0.02), 0.98, 0.085, None, 0.02, 0.016), vest), 0.01, 0.05)
        )
    elif rng.random() < 0.3:
        r = figure.regions
        apron = np.minimum(np.minimum(r.z - 0.92, 1.42 - r.z), np.minimum(0.17 - np.abs(r.x), 0.02 - r.y))
        found.append(Garment(np.where(r.arm > 0, -1, apron).astype(np.float32), cloth(rng, PRINTS), 0.02))
    return found


OUTFITS: dict[Outfit, tuple[float, float]] = {  # how often with men, with women
    casual: (0.40, 0.34), sporty: (0.23, 0.14), skin_tight: (0.05, 0.10), swimming: (0.09, 0.08),
    dressed_up: (0.003, 0.19), suit: (0.08, 0.03), winter: (0.07, 0.06), working: (0.08, 0.06),
}  # fmt: skip


def random_outfit(figure: Figure, traits: Traits, rng: Rng) -> list[Garment]:
    """As people of such traits might wear; nobody is naked."""
    often = np.array([men * (1 - traits.gender) + women * traits.gender for men, women in OUTFITS.values()])
    outfit = list(OUTFITS)[int(rng.choice(len(often), p=often / often.sum()))]
    found = outfit(figure, traits, rng)
    if rng.random() < 0.06:
        found.append(
            c.belt(
                figure,
                rng.uniform(1.02, WAIST),
                rng.uniform(0.02, 0.06),
                cloth(rng, PLAIN_WEAR),
                rng.uniform(0.015, 0.025),
            )
        )
    return found
