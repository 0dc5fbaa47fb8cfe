"""The published data sets of bodies: a contract over the table, three people of each written here, and real samples."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from vitruvian.datasets.bodies import BODIES
from vitruvian.errors import DataError
from vitruvian.structures import SKELETONS

KNOWN_SCORES = {
    "oks_ap", "oks_ap_wholebody", "oks_ap_crowdpose", "pckh", "pck_torso", "pck_box", "posetrack_ap", "mota",
    "jhmdb_pck", "nme_eyes", "auc", "epe",
}  # fmt: skip
FILE_KEYPOINTS = {"halpe26": 136}  # where an annotation has another number than is read
FIELDS = {"human_art21": "keypoints_21"}
PARTS = {"foot_kpts": (17, 23), "face_kpts": (23, 91), "lefthand_kpts": (91, 112), "righthand_kpts": (112, 133)}

ALL = pytest.mark.parametrize("name", sorted(BODIES))


def _people(name):
    """Three people, two in the second image; keypoint k of person n is at (n, k), visible."""
    whole = name.startswith("coco_wholebody")
    count = 17 if whole else FILE_KEYPOINTS.get(name, len(SKELETONS[BODIES[name].skeleton]))
    for n, image in ((1, 10), (2, 11), (3, 11)):
        person = {"id": n, "image_id": image, "category_id": 1, "bbox": [1, 2, 30, 40], "area": 600, "iscrowd": 0}
        person[FIELDS.get(name, "keypoints")] = [value for k in range(count) for value in (n, k, 2)]
        if whole:
            person |= {part: [value for k in range(*ends) for value in (n, k, 2)] for part, ends in PARTS.items()}
            person |= {f"{part}_valid": True for part in ("foot", "face", "lefthand", "righthand")}
            person |= {f"{part}_box": [1, 2, 30, 40] for part in ("face", "lefthand", "righthand")}
        yield person


def _write(name: str, folder: Path) -> Path:
    """Three people in the layout of a data set; the path to read."""
    if name == "mpii":
        people = [
            {"image": f"images/{i}.jpg", "joints": [[n + 1, k + 1] for k in range(16)], "joints_vis": [1] * 16,
             "center": [51, 61], "scale": 0.5}
            for n, i in ((1, 10), (2, 11), (3, 11))
        ]  # fmt: skip
        (folder / "train.json").write_text(json.dumps(people))
        return folder / "train.json"
    if name in ("lsp", "lsp_extended"):
        joints = np.array([[[n + 1, k + 1, name == "lsp_extended"] for k in range(14)] for n in (1, 2, 3)], float)
        savemat(folder / "joints.mat", {"joints": joints.transpose((2, 1, 0) if name == "lsp" else (1, 2, 0))})
        return folder / "joints.mat"
    images = [{"id": i, "file_name": f"images/{i}.jpg", "width": 64, "height": 48} for i in (10, 11)]
    content = {"images": images, "annotations": list(_people(name)), "categories": [{"id": 1, "name": "person"}]}
    (folder / "some.json").write_text(json.dumps(content))
    return folder / "some.json"


@ALL
def test_three_people_are_read(name, tmp_path):
    """Keypoint k of person n is at (n, k) in the part that is read; for JHMDB, which counts from 1, one less."""
    reader = BODIES[name]
    dataset = reader.read(_write(name, tmp_path))
    labels, count = dataset.labels, len(SKELETONS[reader.skeleton])
    assert dataset.skeleton is SKELETONS[reader.skeleton]
    assert len(labels) == 3
    if not name.startswith("lsp"):
        assert labels.image.tolist() == [0, 1, 1]
    offset = 1 if name == "jhmdb" else 0
    assert (labels.xy[..., 0].T + offset == [1, 2, 3]).all()
    first = labels.xy[:, 0, 1] + offset
    assert (labels.xy[..., 1] + offset == first[:, None] + np.arange(count)).all()
    assert (labels.visible == 2).all()
    assert np.isfinite(labels.boxes).all()
    assert dataset.notes == ()


@ALL
def test_an_entry_says_where_its_data_comes_from(name):
    reader = BODIES[name]
    assert reader.skeleton in SKELETONS
    assert set(reader.scores) <= KNOWN_SCORES
    assert reader.scores
    about = reader.about
    assert re.match(r"https?://\S+$", about.url)
    assert re.search(r"\d{4}$", about.citation)
    assert about.title
    assert about.licence
    assert reader.layout


@ALL
def test_images_are_looked_for_where_the_caller_says(name, tmp_path):
    path = _write(name, tmp_path)
    assert BODIES[name].read(path, folder=tmp_path / "elsewhere").folder == tmp_path / "elsewhere"


@ALL
def test_what_is_no_such_file_is_named(name, tmp_path):
    for text in ("", "{", '{"other": 1}', "3"):
        for suffix in (".json", ".mat"):
            path = tmp_path / f"broken{suffix}"
            path.write_text(text)
            if suffix == ".json" or "lsp" in name or name == "mpii":
                with pytest.raises(DataError, match=r"broken\.(json|mat)"):
                    BODIES[name].read(path)
    with pytest.raises(DataError, match=r"none\.json"):
        BODIES[name].read(tmp_path / "none.json")


@pytest.mark.parametrize("name", sorted(set(BODIES) - {"lsp", "lsp_extended", "mpii", "coco_wholebody"}))
def test_bad_people_are_left_out_and_counted_when_asked(name, tmp_path):
    path = _write(name, tmp_path)
    path.write_text(path.read_text().replace('"image_id": 10', '"image_id": 12'))
    with pytest.raises(DataError, match=r"some\.json: annotation 1: there is no image 12"):
        BODIES[name].read(path)
    dataset = BODIES[name].read(path, skip=True)
    assert dataset.labels.ids.tolist() == [2, 3]
    assert dataset.notes[0] == "left out 1 annotations whose image is not there"


def test_images_are_found_where_the_download_of_coco_has_them(tmp_path):
    (tmp_path / "annotations").mkdir()
    path = _write("coco", tmp_path / "annotations")
    path.write_text(path.read_text().replace("images/", ""))
    (tmp_path / "val2017").mkdir()
    cv2.imwrite(str(tmp_path / "val2017" / "10.jpg"), np.full((4, 5, 3), 9, np.uint8))
    sample = BODIES["coco"].read(path)[0]
    assert sample.name == "10.jpg"
    assert sample.load().shape == (4, 5, 3)


def test_the_original_list_of_ai_challenger_is_read(tmp_path):
    """Visibility 1 is visible, 2 hidden, 3 unlabelled; boxes are corners already."""
    people = {"human1": [1, 2, 1] * 14, "human2": [3, 4, 2] * 13 + [0, 0, 3]}
    boxes = {"human1": [1, 2, 30, 40], "human2": [5, 6, 70, 80]}
    entries = [{"image_id": "ab12", "url": "", "keypoint_annotations": people, "human_annotations": boxes}]
    path = tmp_path / "keypoint_train_annotations_20170909.json"
    path.write_text(json.dumps(entries))
    labels = BODIES["aic"].read(path).labels
    assert labels.files.tolist() == ["ab12.jpg"]
    assert labels.visible.tolist() == [[2] * 14, [1] * 13 + [0]]
    assert labels.boxes.tolist() == [[1, 2, 30, 40], [5, 6, 70, 80]]
    assert np.isnan(labels.xy[1, 13]).all()


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ({"human1": [1, 2, 1]}, "image ab12, human1: 3 numbers for keypoints and 4 for the box, expected 42 and 4"),
        ({"human1": [1, 2, 4] * 14}, "image ab12, human1: a keypoint has visibility 4, expected 1, 2 or 3"),
        ({"human1": "x"}, "image 0 of its list: Expected `array`, got `str`"),
    ],
)
def test_a_bad_person_of_the_original_list_of_ai_challenger_is_named(tmp_path, people, sentence):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"image_id": "ab12", "keypoint_annotations": people}]))
    with pytest.raises(DataError, match=re.escape(f"{path}: {sentence}")):
        BODIES["aic"].read(path)
    with pytest.raises(DataError, match=r"a\.json holds nothing that can be used"):
        BODIES["aic"].read(path, skip=True)


def test_frames_of_jhmdb_are_grouped_by_clip(tmp_path):
    """Pixels count from 1 in the file."""
    path = _write("jhmdb", tmp_path)
    text = path.read_text().replace("images/10.jpg", "clap/a/00003.png").replace("images/11.jpg", "clap/b/00009.png")
    path.write_text(text)
    labels = BODIES["jhmdb"].read(path).labels
    assert labels.groups.tolist() == [0, 1]
    assert labels.image_extras["frame"].tolist() == [3, 9]
    assert labels.boxes[0].tolist() == [0, 1, 30, 41]


# ---- real samples: name, file, images, instances, labelled keypoints, the first labelled keypoint of the first person

REAL = [
    ("coco", "mmpose_samples/coco/test_coco.json", 4, 14, 181, (367, 81)),
    ("coco", "coco_mini/annotations/person_keypoints_train2017.json", 44, 172, 800, (281, 240)),
    ("coco", "eval_reference/coco_val2017_subset/person_keypoints_val2017_subset.json", 532, 2191, 14498, None),
    ("coco", "eval_reference/coco_single_image/gt_dataset.json", 1, 14, 104, None),
    ("coco_wholebody", "eval_reference/xtcocotools/example_wholebody_val.json", 5, 26, None, None),
    ("crowdpose", "mmpose_samples/crowdpose/test_crowdpose.json", 2, 5, 47, (208, 108)),
    ("crowdpose", "eval_reference/xtcocotools/example_crowdpose_val.json", 4, 10, 119, None),
    ("aic", "mmpose_samples/aic/test_aic.json", 3, 9, 101, (313, 201)),
    ("ochuman", "mmpose_samples/ochuman/test_ochuman.json", 3, 5, 73, None),
    ("human_art", "mmpose_samples/humanart/test_humanart.json", 3, 4, 61, (715.4305, 970.0197)),
    ("human_art21", "mmpose_samples/humanart/test_humanart.json", 3, 4, 73, (715.4305, 970.0197)),
    ("halpe", "mmpose_samples/halpe/test_halpe.json", 4, 14, 856, (367, 81)),
    ("halpe26", "mmpose_samples/halpe/test_halpe.json", 4, 14, 228, (367, 81)),
    ("jhmdb", "mmpose_samples/jhmdb/test_jhmdb_sub1.json", 3, 3, 45, (97.851746, 91.59851)),
    ("exlpose", "mmpose_samples/exlpose/test_exlpose.json", 2, 6, 82, (1399.73, 332.68)),
]


@pytest.mark.parametrize(("name", "file", "images", "people", "labelled", "first"), REAL)
def test_a_real_sample_reads(shared, name, file, images, people, labelled, first):
    """The numbers were counted in the files by other means: entries of the lists, visibilities above 0."""
    dataset = BODIES[name].read(shared / "realdata" / file)
    labels = dataset.labels
    assert (len(dataset), len(labels)) == (images, people)
    assert labelled is None or (labels.visible > 0).sum() == labelled
    assert first is None or labels.xy[0][labels.visible[0] > 0][0] == pytest.approx(first)
    assert dataset.notes == ()
    assert ((labels.visible > 0) == np.isfinite(labels.xy).all(-1)).all()


@pytest.mark.parametrize("name", ["crowdpose", "aic", "ochuman", "jhmdb", "exlpose"])
def test_real_images_are_found(shared, name):
    folder = shared / "realdata/mmpose_samples" / name
    dataset = BODIES[name].read(next(path for path in folder.glob("*.json") if "_det_" not in path.name))
    assert dataset[0].load().shape[:2] == tuple(dataset.labels.sizes[0][::-1])


def test_a_crowd_index_and_a_scene_are_columns(shared):
    folder = shared / "realdata/mmpose_samples"
    crowdpose = BODIES["crowdpose"].read(folder / "crowdpose/test_crowdpose.json")
    assert crowdpose.labels.image_extras["crowd_index"].tolist() == [0.33, 0.39]
    art = BODIES["human_art"].read(folder / "humanart/test_humanart.json")
    assert art.labels.image_extras["scene"][0] == "digital art"
