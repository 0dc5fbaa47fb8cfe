"""Labels: what is annotated in many images, as columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from vitruvian.errors import ShapeError

UNLABELLED, HIDDEN, VISIBLE = 0, 1, 2  # of a keypoint, as COCO counts


@dataclass(frozen=True, eq=False)
class Labels:
    """The annotations of I images with N instances of K keypoints; row by row, no pixels.

    files:     (I,) text, the image files relative to the folder of images, with forward slashes; each once.
    sizes:     (I, 2) int32, width and height in pixels; 0 where the annotations do not say.
    image_ids: (I,) int64, the data set's own numbers of the images; each once.
    groups:    (I,) int64; images of one clip, person or scene have the same number and are never split apart.
    image:     (N,) int32, the row of each instance's image.
    ids:       (N,) int64, the data set's own numbers of the annotations; each once.
    xy:        (N, K, 2) float64, image pixels, the centre of the top-left pixel at (0, 0); NaN where unlabelled.
    visible:   (N, K) uint8, UNLABELLED 0 (xy is NaN), HIDDEN 1 (labelled, but not to be seen), VISIBLE 2.
    boxes:     (N, 4) float64, x0 y0 x1 y1 in image pixels; NaN where unknown.
    area:      (N,) float64, px² of the person's region, as scores use it; NaN where unknown.
    crowd:     (N,) bool, a region of many that are not labelled one by one.
    tracks:    (N,) int64 identities within a group, or None where there are none.
    xyz:       (N, K, 3) float64, millimetres in the frame that the reader states, NaN where unknown; None for 2D data.
    extras:    further columns of the instances by name: "head_box" (N, 4), "occlusion" (N,) bool ...
    image_extras: further columns of the images by name: "frame" (I,), "crowd_index" (I,) ...

    Arrays may be memory-mapped and read-only. Raises ShapeError when the columns do not fit each other.
    """

    files: np.ndarray
    sizes: np.ndarray
    image_ids: np.ndarray
    groups: np.ndarray
    image: np.ndarray
    ids: np.ndarray
    xy: np.ndarray
    visible: np.ndarray
    boxes: np.ndarray
    area: np.ndarray
    crowd: np.ndarray
    tracks: np.ndarray | None = None
    xyz: np.ndarray | None = None
    extras: Mapping[str, np.ndarray] = field(default_factory=dict)
    image_extras: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        images, instances = len(self.files), len(self.image)
        if self.xy.ndim != 3 or self.xy.shape[-1] != 2:
            raise ShapeError(f"xy must be (N, K, 2), got {self.xy.shape}")
        keypoints = self.xy.shape[1]
        wanted = {
            "sizes": (images, 2),
            "image_ids": (images,),
            "groups": (images,),
            "ids": (instances,),
            "xy": (instances, keypoints, 2),
            "visible": (instances, keypoints),
            "boxes": (instances, 4),
            "area": (instances,),
            "crowd": (instances,),
            "tracks": (instances,),
            "xyz": (instances, keypoints, 3),
        }
        for name, shape in wanted.items():
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                raise ShapeError(
                    f"{name} must be {shape} for {images} images and {instances} instances, got {column.shape}"
                )
        for further, rows in ((self.extras, instances), (self.image_extras, images)):
            for name, column in further.items():
                if len(column) != rows:
                    raise ShapeError(f'the column "{name}" must have {rows} rows, got {len(column)}')

    def __len__(self) -> int:
        """The number of instances, N."""
        return len(self.image)

    @property
    def keypoints(self) -> int:
        """K."""
        return int(self.xy.shape[1])

    @property
    def images(self) -> int:
        """I."""
        return len(self.files)

    def of_images(self, rows: np.ndarray) -> "Labels":
        """The images with these rows (J,), in this order, with all their instances in the order they have here."""
        place = np.full(self.images, -1, np.int64)
        place[rows] = np.arange(len(rows))
        there = place[self.image]
        chosen = np.flatnonzero(there >= 0)
        return replace(self.of_instances(chosen), **self._image_columns(rows), image=there[chosen].astype(np.int32))

    def of_instances(self, rows: np.ndarray) -> "Labels":
        """These instances only, (M,) rows or (N,) bool, with all images; an image may be left without any."""
        return replace(
            self,
            image=self.image[rows],
            ids=self.ids[rows],
            xy=self.xy[rows],
            visible=self.visible[rows],
            boxes=self.boxes[rows],
            area=self.area[rows],
            crowd=self.crowd[rows],
            tracks=None if self.tracks is None else self.tracks[rows],
            xyz=None if self.xyz is None else self.xyz[rows],
            extras={name: column[rows] for name, column in self.extras.items()},
        )

    def _image_columns(self, rows: np.ndarray) -> dict[str, Any]:
        further = {name: column[rows] for name, column in self.image_extras.items()}
        return {name: getattr(self, name)[rows] for name in ("files", "sizes", "image_ids", "groups")} | {
            "image_extras": further
        }
