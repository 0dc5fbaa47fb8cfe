"""Skin: its colour over the body, from the lightest to the darkest people, and eyes, teeth and tongue."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit

from vitruvian.synthesis.human.anatomy import Anatomy, Traits
from vitruvian.synthesis.looks.regions import SIDES, Regions, beard, regions, scalp, share
from vitruvian.synthesis.rendering.paint import Colour, Paint

# The Monk skin tone scale (Ellis Monk, 2019; skintone.google), sRGB, from light to dark.
TONES = ("f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96", "a07e56", "825c43", "604134", "3a312a", "292420")
IRISES = ("3b2314", "4a2c17", "2a1708", "5b3a1e", "6b6b3a", "5c7a4f", "4d6f8f", "6d8ba6", "7d8790")


@dataclass(frozen=True)
class Complexion:
    """What skin looks like.

    tone: (3,) linear colour. rosy: how much redder lips, cheeks and knuckles are. freckles, blotches, stubble: [0, 1].
    hair: (3,) linear colour of what grows. lips: (3,) colour of lipstick, or None. shaven: [0, 1], hair shining
    through on the scalp. iris: (3,). pupil: its radius, the ball's being 1.
    """

    tone: Colour
    rosy: float
    freckles: float
    blotches: float
    stubble: float
    hair: Colour
    lips: Colour | None
    shaven: float
    iris: Colour
    pupil: float


def linear(code: str) -> Colour:
    """A colour as "rrggbb" in sRGB -> linear light."""
    value = np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    r, g, b = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return float(r), float(g), float(b)


@cache
def _tones() -> np.ndarray:
    return np.array([linear(code) for code in TONES])


def random_tone(rng: np.random.Generator) -> tuple[float, Colour]:
    """How dark, in [0, 1], even over the scale, and the colour; lighter skins vary from pink to yellow."""
    dark = float(rng.random())
    scale = _tones()
    place = dark * (len(TONES) - 1.3)
    mixed = np.array([np.interp(place, np.arange(len(TONES)), scale[:, c]) for c in range(3)])
    pink = rng.normal(0.35, 0.5) * (1 - 0.5 * dark)
    tone = (
        (0.70 * mixed + [0.030, 0.019, 0.014])
        * np.exp(rng.normal(0, 0.06))
        * [1 + 0.04 * pink, 1 - 0.07 * pink, 1 - 0.06 * pink]
    )
    r, g, b = np.clip(tone * [1.05, 0.92, 0.84], 0.01, 0.9)
    return dark, (float(r), float(g), float(b))


def random_complexion(traits: Traits, hair: Colour, dark: float, tone: Colour, rng: np.random.Generator) -> Complexion:
    """For a person of such traits and such hair."""
    man, grown = traits.gender < 0.5, traits.age > 0.5
    lipstick = linear(str(rng.choice(["a01830", "c02848", "b04058", "701828", "d06070"])))
    iris = IRISES[int(rng.integers(0, 4 if dark > 0.4 else len(IRISES)))]
    return Complexion(
        tone,
        float(rng.uniform(0.4, 1.3)),
        float(rng.uniform(0.3, 0.9)) if dark < 0.35 and rng.random() < 0.25 else 0.0,
        float(rng.uniform(0, 0.3 + 0.5 * (traits.age > 0.85))),
        float(rng.beta(0.8, 1.5)) if man and grown else 0.0,
        hair,
        lipstick if not man and grown and rng.random() < 0.4 else None,
        0.0,
        linear(iris),
        float(rng.uniform(0.1, 0.2)),
    )


@cache
def _map(anatomy: Anatomy) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """name -> (n,) vertices and (n,) in [0, 1], where the skin differs and how much: measured once."""
    r = regions(anatomy)
    joints = {name: anatomy.middle.joints[row] for row, name in enumerate(anatomy.bones)}

    def near(reach: float, *names: str) -> np.ndarray:
        found = np.zeros(len(r.at), np.float32)
        for name in names:
            for side in SIDES:
                found = np.maximum(found, np.exp(-(((r.at - joints[name + side]) / reach) ** 2).sum(1)))
        return found

    def spot(x: float, y: float, z: float, reach: float) -> np.ndarray:
        away = np.stack([np.abs(r.x) - x, r.y - y, r.z - z], axis=1)
        return np.exp(-((away / reach) ** 2).sum(1)).astype(np.float32)

    fingers = [f"finger{finger}-{bone}" for finger in range(1, 6) for bone in (1, 2, 3)]
    red = 0.8 * spot(0.045, -0.115, 1.712, 0.024) + 0.8 * spot(0, -0.155, 1.708, 0.014) + 0.8 * r.parts["ears"]
    red += 0.6 * near(0.014, *fingers) + 0.5 * near(0.045, "lowerarm01", "lowerleg01")
    dark = 0.8 * spot(0.033, -0.128, 1.735, 0.013) + 0.6 * spot(0.033, -0.128, 1.752, 0.014)
    dark += 0.5 * near(0.035, "lowerarm01") + 0.4 * near(0.05, "lowerleg01")
    found = {
        "lips": r.parts["lips"],
        "mouth": np.maximum(r.parts["inside-mouth"], _hollow(r)),
        "nails": np.maximum(r.parts["fingernails"], r.parts["toenails"]),
        "areola": r.parts["aureolae"],
        "red": np.clip(red, 0, 1),
        "pale": _palms(anatomy, r),
        "dark": np.clip(dark, 0, 1),
        "beard": np.clip(beard(r) / 0.012, 0, 1),
        "scalp": np.clip(scalp(r) / 0.014 + 0.3, 0, 1),
    }  # fmt: skip
    return {name: (rows := np.flatnonzero(much > 0.004), much[rows].astype(np.float32)) for name, much in found.items()}


def _hollow(r: Regions) -> np.ndarray:
    """The inside of the mouth."""
    inner = (np.abs(r.x) < 0.033) & (r.z > 1.65) & (r.z < 1.70) & (r.y > -0.125) & (r.y < -0.04)
    return inner.astype(np.float32)


def _palms(anatomy: Anatomy, r: Regions) -> np.ndarray:
    """Palms and soles."""
    found = ((r.z < 0.05) & (r.normal[:, 2] < -0.4)).astype(np.float32)
    for side in SIDES:
        wrist, index, little = (
            anatomy.middle.joints[anatomy.bone(n + side)] for n in ("wrist", "finger2-1", "finger5-1")
        )
        inward = np.cross(index - wrist, little - wrist) * (1 if side == ".L" else -1)
        facing = r.normal @ (inward / np.linalg.norm(inward))
        found += np.clip(facing * 3, 0, 1) * np.clip(share(anatomy, *_hand_bones(side)) * 2 - 1, 0, 1)
    return found


def _hand_bones(side: str) -> tuple[str, ...]:
    return (f"wrist{side}", *(f"{kind}{n}" for n in range(1, 6) for kind in ("finger", "metacarpal")))


def coloured(anatomy: Anatomy, look: Complexion) -> np.ndarray:
    """(V, 3) float32 linear colours of the body, teeth, tongue and lashes; the eyes are white, their paint does it."""
    where, tone = _map(anatomy), np.array(look.tone, np.float32)
    found = np.repeat(tone[None], len(anatomy.weight), axis=0)
    light = float(tone.mean())

    def blend(part: tuple[np.ndarray, np.ndarray], colour: np.ndarray, much: float = 1.0) -> None:
        _blend(found, *part, np.asarray(colour, np.float32), much)

    blend(where["red"], tone * [1.08, 0.78, 0.74], 0.8 * min(1.0, look.rosy))
    blend(where["dark"], tone * [0.72, 0.66, 0.64], 0.6)
    blend(where["pale"], np.minimum(tone * 1.15 + 0.09 * (0.5 - light), 0.9), 0.8)
    blend(where["areola"], tone * [0.62, 0.45, 0.40])
    blend(where["lips"], tone * [0.88, 0.52, 0.5] + [0.02, 0, 0.005], 0.45 + 0.4 * min(1.0, look.rosy))
    if look.lips is not None:
        blend(where["lips"], np.array(look.lips), 0.8)
    blend(where["nails"], np.minimum(tone * [1.0, 0.85, 0.82] + 0.05, 1.0), 0.8)
    blend(where["beard"], 0.55 * np.array(look.hair) + 0.15 * tone, 0.55 * look.stubble)
    blend(where["scalp"], 0.7 * np.array(look.hair) + 0.12 * tone, look.shaven)
    blend(where["mouth"], np.array([0.16, 0.03, 0.03]))
    found[anatomy.groups["tongue"]] = (0.38, 0.12, 0.12)
    for name in ("upper-teeth", "lower-teeth"):
        found[anatomy.groups[name]] = (0.72, 0.68, 0.58)
    for name in ("l-eye", "r-eye"):
        found[anatomy.groups[name]] = 1
    return found


@njit(cache=True)
def _blend(found: np.ndarray, rows: np.ndarray, amount: np.ndarray, colour: np.ndarray, much: float) -> None:
    """Bring colours (V, 3) at some rows nearer to another."""
    for n in range(len(rows)):
        for c in range(3):
            found[rows[n], c] += much * amount[n] * (colour[c] - found[rows[n], c])


def paints(look: Complexion, seed: float) -> tuple[Paint, Paint, Paint]:
    """Of the skin, the eyes, the mouth."""
    dull = 0.75 + 0.2 * look.blotches
    skin = Paint(
        "skin", gloss=0.09, sharpness=12.0, other=(dull, 0.62 * dull, 0.5 * dull), strength=look.freckles, seed=seed
    )
    eye = Paint("eye", look.iris, 0.3, 160.0, (0.78, 0.76, 0.74), look.pupil, strength=0.37, seed=seed)
    return skin, eye, Paint(gloss=0.25, sharpness=40.0)
