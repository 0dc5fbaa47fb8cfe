"""Three records of published data sets, in the layouts of their downloads, with points that a person can check.

Record n has keypoint k at (10 n + k, 20 + k), and at a depth of one metre where the data is in 3D.
"""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vitruvian.structures import SKELETONS

RECORDS = 3
SIZE = (240, 160)  # width, height of every image


def points(keypoints: int) -> np.ndarray:
    """(3, K, 2) pixels."""
    k, n = np.arange(keypoints), np.arange(RECORDS)
    return np.stack([10 * n[:, None] + k, np.broadcast_to(20 + k, (RECORDS, keypoints))], axis=-1).astype(float)


def image(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((SIZE[1], SIZE[0], 3), 7, np.uint8))


def converted(keypoints: int, nested: bool = False, **fields: Any) -> Callable[[Path], Path]:
    """Writes a file in COCO's layout beside its images; fields: further ones of each annotation."""

    def _write(folder: Path) -> Path:
        triples = np.concatenate([points(keypoints), np.ones((RECORDS, keypoints, 1))], axis=-1)
        rows = triples.tolist() if nested else triples.reshape(RECORDS, -1).tolist()
        images = [{"id": 5 + n, "file_name": f"{n}.png", "width": 240, "height": 160} for n in range(RECORDS)]
        annotations = [
            {"id": 7 + n, "image_id": 5 + n, "category_id": 1, "keypoints": row, "bbox": [1, 2, 30, 40], "area": 900,
             "iscrowd": 0, **fields}
            for n, row in enumerate(rows)
        ]  # fmt: skip
        for one in images:
            image(folder / one["file_name"])
        categories = [{"id": 1, "name": "otter"}]
        return write_json(
            folder / "test.json", {"images": images, "annotations": annotations, "categories": categories}
        )

    return _write


def write_json(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def camera() -> list[list[float]]:
    """A camera matrix: 100 pixels of focal length, the axis at pixel (0, 0)."""
    return [[100.0, 0.0, 0.0], [0.0, 100.0, 0.0], [0.0, 0.0, 1.0]]


def metres(keypoints: int) -> np.ndarray:
    """(3, K, 3): what `camera` sees at `points`, one metre away."""
    return np.concatenate([points(keypoints) / 100, np.ones((RECORDS, keypoints, 1))], axis=-1)


def freihand(folder: Path) -> Path:
    for n in range(RECORDS):
        image(folder / f"evaluation/rgb/{n:08d}.jpg")
    write_json(folder / "evaluation_K.json", [camera()] * RECORDS)
    return write_json(folder / "evaluation_xyz.json", metres(21).tolist())


def onehand10k(folder: Path) -> Path:
    lines = []
    for n, xy in enumerate(points(21)):
        lines.append(",".join([f"{n}.jpg", "240", "160", "1", *(f"{value:g}" for value in xy.ravel())]))
        image(folder / f"source/{n}.jpg")
    path = folder / "label_joint.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def panoptic(folder: Path) -> Path:
    for n, xy in enumerate(points(21)):
        triples = [[*one, 1.0] for one in xy.tolist()]
        write_json(folder / f"00{n}_l.json", {"hand_pts": triples, "is_left": 1.0, "hand_box_center": [5.0, 6.0]})
        image(folder / f"00{n}_l.jpg")
    return folder


def interhand(folder: Path) -> Path:
    """The camera stands at (100, 0, 0) mm, its x axis is the world's y axis, its y axis the world's -x axis."""
    rotation = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    world = 1000 * metres(42) @ rotation + [100.0, 0.0, 0.0]
    images, annotations, frames = [], [], {}
    for n in range(RECORDS):
        images.append(
            {"id": n, "file_name": f"{n}.png", "width": 240, "height": 160, "capture": 4, "camera": "400", "subject": 2,
             "frame_idx": 100 + n, "seq_name": "wave"}
        )  # fmt: skip
        annotations.append(
            {"id": n, "image_id": n, "bbox": [1, 2, 30, 40], "joint_valid": [[1]] * 42, "hand_type": "interacting",
             "hand_type_valid": 1}
        )  # fmt: skip
        frames[str(100 + n)] = {"world_coord": world[n].tolist(), "joint_valid": [[True]] * 42, "hand_type": "right"}
        image(folder / f"{n}.png")
    cameras = {
        "campos": {"400": [100.0, 0.0, 0.0]},
        "camrot": {"400": rotation.tolist()},
        "focal": {"400": [100.0, 100.0]},
        "princpt": {"400": [0.0, 0.0]},
    }
    write_json(folder / "InterHand2.6M_test_camera.json", {"4": cameras})
    write_json(folder / "InterHand2.6M_test_joint_3d.json", {"4": frames})
    return write_json(folder / "InterHand2.6M_test_data.json", {"images": images, "annotations": annotations})


def rhd(folder: Path) -> Path:
    """Of each image the left hand shows but for its wrist, of the right one nothing."""
    shown = np.repeat([[[1.0], [0.0]]], RECORDS, axis=0) * np.ones((1, 1, 21))
    shown[:, 0, 0] = 0
    records = {}
    for n in range(RECORDS):
        uv = np.concatenate([points(21)[n], points(21)[n]])
        records[n] = {
            "uv_vis": np.concatenate([uv, shown[n].reshape(42, 1)], axis=1),
            "xyz": np.concatenate([metres(21)[n], metres(21)[n]]).astype(np.float32),
            "K": np.array(camera(), np.float32),
        }
        image(folder / f"color/{n:05d}.png")
    path = folder / "anno_evaluation.pickle"
    path.write_bytes(pickle.dumps(records, 2))
    return path


def animalpose(folder: Path) -> Path:
    """The keypoints in an order of the file's own, the first two of ours at its end, and under other names."""
    names = list(SKELETONS["animalpose20"].names)
    names = names[2:] + names[:2]
    rows = np.concatenate([points(20), np.ones((RECORDS, 20, 1))], axis=-1)
    rows = np.concatenate([rows[:, 2:], rows[:, :2]], axis=1).tolist()
    spelled = [name.replace("tail_base", "tailbase").replace("_ear_base", "_ear") for name in names]
    for n in range(RECORDS):
        image(folder / f"images/{n}.png")
    return write_json(
        folder / "keypoints.json",
        {
            "images": {str(5 + n): f"{n}.png" for n in range(RECORDS)},
            "annotations": [
                {"image_id": 5 + n, "bbox": [1, 2, 31, 42], "keypoints": row, "num_keypoints": 20, "category_id": 1}
                for n, row in enumerate(rows)
            ],
            "categories": [{"id": 1, "name": "dog", "supercategory": "animal", "keypoints": spelled, "skeleton": []}],
        },
    )


def pts(folder: Path) -> Path:
    """The first pixel is (1, 1)."""
    for n, xy in enumerate(points(68)):
        lines = "\n".join(f"{x + 1:.6f} {y + 1:.6f}" for x, y in xy)
        (folder / "helen/testset").mkdir(parents=True, exist_ok=True)
        (folder / f"helen/testset/1234567_{n}.pts").write_text(f"version: 1\nn_points: 68\n{{\n{lines}\n}}\n")
        image(folder / f"helen/testset/1234567_{n}.jpg")
    return folder


def wflw(folder: Path) -> Path:
    """Record 0 is in the subset pose, 1 in expression, 2 in makeup."""
    lines = []
    for n, xy in enumerate(points(98)):
        flags = ["1" if place == (0, 1, 3)[n] else "0" for place in range(6)]
        numbers = [f"{value:.6f}" for value in xy.ravel()]
        lines.append(" ".join([*numbers, "1", "2", "31", "42", *flags, f"7--Cheering/{n}.jpg"]))
        image(folder / f"WFLW_images/7--Cheering/{n}.jpg")
    path = folder / "WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def lapa(folder: Path) -> Path:
    (folder / "landmarks").mkdir(parents=True)
    for n, xy in enumerate(points(106)):
        lines = "\n".join(f"{x:.2f} {y:.2f}" for x, y in xy)
        (folder / f"landmarks/88888_{n}.txt").write_text(f"106\n{lines}\n")
        image(folder / f"images/88888_{n}.jpg")
    return folder


def dlib_xml(folder: Path) -> Path:
    rows = []
    for n, xy in enumerate(points(68)):
        parts = "\n".join(f"<part name='{k:02d}' x='{x:g}' y='{y:g}'/>" for k, (x, y) in enumerate(xy))
        box = f"<box top='2' left='1' width='30' height='40'>\n<label>face</label>\n{parts}\n</box>"
        rows.append(f"<image file='{n}.png' width='240' height='160'>\n{box}\n</image>")
        image(folder / f"{n}.png")
    path = folder / "faces.xml"
    head = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<?xml-stylesheet type='text/xsl' href='a.xsl'?>"
    path.write_text(f"{head}\n<dataset>\n<name>faces</name>\n<images>\n{''.join(rows)}\n</images>\n</dataset>\n")
    return path


def image_list(name: str) -> Callable[[Path], Path]:
    """Writes a list of images with joints in 3D; name: of image n, with {n} in it."""

    def _write(folder: Path) -> Path:
        names = [name.format(n=n) for n in range(RECORDS)]
        for one in names:
            image(folder / one)
        ones = np.ones((RECORDS, 17, 1))
        path = folder / "test.npz"
        np.savez(
            path,
            imgname=np.array(names),
            center=np.full((RECORDS, 2), 50.0),
            scale=np.full(RECORDS, 0.4),
            part=np.concatenate([points(17), ones], axis=-1),
            S=np.concatenate([metres(17), ones], axis=-1),
        )
        return path

    return _write


def h36m_converted(folder: Path) -> Path:
    """Without cameras; every joint at (1, 2, 3) metres in the frame of the world."""
    return converted(17, keypoints_3d=[1.0, 2.0, 3.0, 1.0] * 17)(folder)


LAYOUTS: list[tuple[str, str, Callable[[Path], Path]]] = [  # name of the reader, of the layout, what writes it
    ("freihand", "download", freihand),
    ("freihand", "converted", converted(21)),
    ("interhand", "download", interhand),
    ("onehand10k", "download", onehand10k),
    ("onehand10k", "converted", converted(21)),
    ("panoptic_hand", "download", panoptic),
    ("panoptic_hand", "converted", converted(21, head_size=50.5)),
    ("rhd", "download", rhd),
    ("rhd", "converted", converted(21, nested=True, joint_cam=[[10, 20, 300]] * 21, hand_type="left")),
    ("300w", "download", pts),
    ("300w", "converted", converted(68)),
    ("aflw", "converted", converted(19, box_size=62)),
    ("cofw", "converted", converted(29)),
    ("dlib_xml", "file", dlib_xml),
    ("lapa", "download", lapa),
    ("lapa", "converted", converted(106)),
    ("pts", "folder", pts),
    ("wflw", "download", wflw),
    ("wflw", "converted", converted(98)),
    ("h36m", "list", image_list("S9_Walking_1.54138969_00000{n}.jpg")),
    ("h36m", "converted", h36m_converted),
    ("mpi_inf_3dhp", "list", image_list("TS1_00000{n}.jpg")),
    ("animalpose", "download", animalpose),
    ("animalpose", "converted", converted(20)),
    ("ap10k", "converted", converted(17)),
    ("horse10", "converted", converted(22)),
    ("macaque", "converted", converted(17)),
]
