"""The engine: an endless supply of pictures, each always the same for its number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from vitruvian.errors import RecipeError, UnknownNameError
from vitruvian.synthesis.body import body_scene
from vitruvian.synthesis.cast import cast_of
from vitruvian.synthesis.face import face_scene
from vitruvian.synthesis.hand import hand_scene
from vitruvian.synthesis.places.backgrounds import Photos
from vitruvian.synthesis.poses.body_poses import Library
from vitruvian.synthesis.rendered import Rendered
from vitruvian.synthesis.scene import Scene, shown

SMALLEST, LARGEST = 32, 2048  # pixels of a side
SCENE = 0  # tells the random numbers of scenes from those of casts


@dataclass(frozen=True)
class Kind:
    """scene: makes one up; skeleton: the name of its keypoints in SKELETONS."""

    scene: Callable[..., Scene]
    skeleton: str


KINDS: Mapping[str, Kind] = {
    "body": Kind(body_scene, "halpe26"),
    "hand": Kind(hand_scene, "hand21"),
    "face": Kind(face_scene, "face68"),
}


@dataclass(frozen=True, eq=False)
class Engine:
    """kind: one of KINDS; size: (width, height) of the pictures; photos: to cut backgrounds from, None for places made
    up; library: of poses, None for those of the package.

    Raises UnknownNameError for another kind, RecipeError for a size out of SMALLEST to LARGEST.
    """

    kind: str
    size: tuple[int, int] = (256, 256)
    seed: int = 0
    photos: Photos | None = None
    library: Library | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownNameError("kind of pictures", self.kind, KINDS)
        if not all(SMALLEST <= side <= LARGEST for side in self.size):
            raise RecipeError(
                f"the sides of pictures must be {SMALLEST} to {LARGEST} pixels, got {self.size[0]} x {self.size[1]}"
            )
        if self.seed < 0:
            raise RecipeError(f"the seed must be 0 or more, got {self.seed}")

    def picture(self, number: int) -> Rendered:
        """Picture number 0, 1, ... Those with numbers near one another show the same people, SCENES in a row: to ask
        for them in order is faster."""
        rng = np.random.default_rng((self.seed, SCENE, number))
        scene = KINDS[self.kind].scene(cast_of(self.seed, number), self.size, rng, self.library)
        return shown(scene, rng, self.photos)
