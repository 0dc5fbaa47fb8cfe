"""Skeleton: the names, limbs, left-right mirror and OKS sigmas of K keypoints."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vitruvian.errors import SkeletonError

DEFAULT_SIGMA = 0.05  # a skeleton without published sigmas: between COCO's faces, about 0.03, and limbs, about 0.08
OPPOSITE = {"left": "right", "right": "left", "l": "r", "r": "l"}  # the words of a name that tell its side


@dataclass(frozen=True)
class Skeleton:
    """What a model's K keypoints are called and how they belong together.

    name:   short and unique, "coco17".
    names:  K keypoint names; the index of a name is its row in every array.
    limbs:  pairs of keypoint indices that are drawn as a line, in drawing order.
    mirror: K indices; mirror[k] is the keypoint that k becomes when the image is mirrored left to right
            (its own index for one on the midline, or without a partner). Applied twice, it changes nothing.
    sigmas: K OKS standard deviations as fractions of the object's scale (https://cocodataset.org/#keypoints-eval).

    Raises SkeletonError when the parts contradict each other. `define` builds one from names alone.
    """

    name: str
    names: tuple[str, ...]
    limbs: tuple[tuple[int, int], ...]
    mirror: tuple[int, ...]
    sigmas: tuple[float, ...] = field(repr=False)

    def __post_init__(self) -> None:
        k = len(self.names)
        if k == 0:
            raise SkeletonError(f'skeleton "{self.name}" has no keypoints; give at least one name')
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise SkeletonError(f'skeleton "{self.name}" names {", ".join(twice)} more than once; names must differ')
        for what, values in (("mirror", self.mirror), ("sigmas", self.sigmas)):
            if len(values) != k:
                raise SkeletonError(f'skeleton "{self.name}" has {k} keypoints but {len(values)} {what}; give {k}')
        self._check_limbs()
        self._check_mirror()
        bad = [name for name, sigma in zip(self.names, self.sigmas, strict=True) if not 0 < sigma < 1]
        if bad:
            raise SkeletonError(f'skeleton "{self.name}": the sigma of {", ".join(bad)} is not between 0 and 1')

    def _check_limbs(self) -> None:
        for a, b in self.limbs:
            if not (0 <= a < len(self.names) and 0 <= b < len(self.names)) or a == b:
                raise SkeletonError(
                    f'skeleton "{self.name}": limb ({a}, {b}) must join two different keypoints '
                    f"out of 0 to {len(self.names) - 1}"
                )

    def _check_mirror(self) -> None:
        for k, other in enumerate(self.mirror):
            if not 0 <= other < len(self.names) or self.mirror[other] != k:
                raise SkeletonError(
                    f'skeleton "{self.name}": {self.names[k]} mirrors to index {other}, which does not mirror back; '
                    f"left and right must pair up"
                )

    def __len__(self) -> int:
        """The number of keypoints, K."""
        return len(self.names)

    def index(self, name: str) -> int:
        """The row of a keypoint. Raises SkeletonError, with the names there are, for an unknown one."""
        if name not in self.names:
            raise SkeletonError(f'skeleton "{self.name}" has no keypoint "{name}"; it has {", ".join(self.names)}')
        return self.names.index(name)

    def side(self, k: int) -> str:
        """On which side of the body keypoint k lies, the subject's own: "left", "right" or "centre".

        By name where the name says it, as in "left_eye", "L_Eye" or "eyeLeft"; else the lower index of a mirrored pair
        counts as right, as in faces numbered from the left edge of the image.
        """
        for word in _words(self.names[k]):
            if word.lower() in OPPOSITE:
                return "left" if word.lower() in ("left", "l") else "right"
        if self.mirror[k] == k:
            return "centre"
        return "right" if k < self.mirror[k] else "left"

    @classmethod
    def define(
        cls,
        name: str,
        names: Sequence[str],
        limbs: Sequence[tuple[str, str]] = (),
        pairs: Mapping[str, str] | None = None,
        sigmas: Sequence[float] | None = None,
    ) -> "Skeleton":
        """A skeleton from names: limbs as pairs of names, mirror inferred from the names.

        names:  what mirrors says so in a word of its own: "left" and "right", "l" and "r", in either case.
        pairs:  mirrored pairs that the names do not tell, as {"ear_1": "ear_2"}; they go before the names. A keypoint
                paired with itself stays where it is.
        sigmas: K values; without them every keypoint gets `DEFAULT_SIGMA`.

        Raises SkeletonError for a limb of unknown keypoints and for a left without its right.
        """
        order = {keypoint: k for k, keypoint in enumerate(names)}
        unknown = [end for limb in limbs for end in limb if end not in order]
        unknown += [end for pair in (pairs or {}).items() for end in pair if end not in order]
        if unknown:
            raise SkeletonError(
                f'skeleton "{name}": limbs and pairs use {", ".join(sorted(set(unknown)))}, '
                f"which is not among its keypoints: {', '.join(names)}"
            )
        other = {**(pairs or {}), **{right: left for left, right in (pairs or {}).items()}}
        mirror = [order[other.get(keypoint) or _opposite(name, keypoint, order)] for keypoint in names]
        return cls(
            name,
            tuple(names),
            tuple((order[a], order[b]) for a, b in limbs),
            tuple(mirror),
            tuple(sigmas) if sigmas is not None else (DEFAULT_SIGMA,) * len(names),
        )


def _words(name: str) -> list[str]:
    """The words of a name and what separates them; joined, they are the name: "left_eye" -> "left", "_", "eye"."""
    return re.split(r"([_\-. ]+|(?<=[a-z])(?=[A-Z]))", name)


def _opposite(skeleton: str, name: str, order: Mapping[str, int]) -> str:
    """The name with left and right exchanged; itself where it has neither."""
    twin = "".join(_other_side(word) for word in _words(name))
    if twin not in order:
        raise SkeletonError(
            f'skeleton "{skeleton}": {name} has no partner {twin}; add it, or name the pair with pairs={{...}}'
        )
    return twin


def _other_side(word: str) -> str:
    """A word for one side -> that for the other, in its own case, as in Left -> Right; any other word as it is."""
    other = OPPOSITE.get(word.lower(), word)
    if other == word:
        return word
    return other.upper() if word.isupper() else other.capitalize() if word.istitle() else other
