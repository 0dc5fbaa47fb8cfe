"""Formats of people's own labels: what is written comes back, but for what the format says it cannot hold."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vitruvian.datasets import DATASETS, FORMATS, About, Dataset, open_dataset
from vitruvian.datasets.formats import kept
from vitruvian.errors import DataError
from vitruvian.media import write_image
from vitruvian.structures import SKELETONS, Labels, Skeleton

MOUSE = Skeleton.define(
    "mouse",
    ["nose", "left_ear", "right_ear", "whisker_1", "whisker_2", "tail base"],
    limbs=[("nose", "left_ear"), ("nose", "right_ear"), ("nose", "tail base")],
    pairs={"whisker_1": "whisker_2"},
    sigmas=[0.02, 0.03, 0.03, 0.011, 0.011, 0.07],
)
TARGET = {
    "yolo": "labels",
    "cvat": "labels.xml",
    "sleap": "labels.slp",
    "csv": "labels.csv",
    "deeplabcut": "labels.csv",
}


def rich(folder: Path) -> Dataset:
    """Three images of 64 x 48 in two clips with three instances, and one of everything that a format may not hold."""
    names = ["b/two.png", "a/one.png", "b/none.png"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(folder / name, np.zeros((48, 64, 3), np.uint8))
    random = np.random.default_rng(0)
    visible = np.array([[2, 2, 1, 2, 2, 2], [2, 0, 2, 2, 0, 1], [0, 0, 0, 0, 0, 0]], np.uint8)
    xy = np.where(visible[..., None] > 0, random.uniform(1, 47, (3, 6, 2)), np.nan)
    labels = Labels(
        files=np.array(names),
        sizes=np.full((3, 2), (64, 48), np.int32),
        image_ids=np.array([70, 5, 31]),
        groups=np.array([4, 2, 4]),
        image=np.array([1, 0, 1], np.int32),
        ids=np.array([11, 900, 12]),
        xy=xy,
        visible=visible,
        boxes=np.array([[0.5, 1.25, 60.1, 47.3], [2.2, 3.3, 50, 40], [1, 2, 10.7, 20.9]]),
        area=np.array([1234.5, np.nan, 90.25]),
        crowd=np.array([False, False, True]),
        tracks=np.array([1, 0, 0]),
    )
    return Dataset("labels", MOUSE, labels, folder, About("Mice", "CC0", "Mouse 2024", "https://example.org"))


def assert_same(one: Dataset, other: Dataset, exact: bool = True) -> None:
    """Everything but the name, the folder and the notes."""
    assert one.skeleton == other.skeleton
    assert one.about == other.about
    for column in ("files", "sizes", "image_ids", "groups", "image", "ids", "visible", "crowd", "tracks"):
        a, b = getattr(one.labels, column), getattr(other.labels, column)
        assert (a is None) == (b is None), column
        if a is not None:
            np.testing.assert_array_equal(a, b, column)
    np.testing.assert_allclose(one.labels.xy, other.labels.xy, rtol=0, atol=0 if exact else 1e-9, err_msg="xy")
    for column in ("boxes", "area"):  # the far corner of a box is stored as a width, which rounds
        np.testing.assert_allclose(
            getattr(one.labels, column), getattr(other.labels, column), atol=1e-9, err_msg=column
        )


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_comes_back_as_far_as_the_format_holds_it(name, tmp_path):
    """Exactly that: what the format says it loses is lost, and nothing else."""
    dataset, form = rich(tmp_path / "images"), FORMATS[name]
    form.write(dataset, tmp_path / "out" / TARGET.get(name, "labels.json"))
    folder = None if name == "yolo" else dataset.folder
    back = form.read(tmp_path / "out" / TARGET.get(name, "labels.json"), folder)
    assert_same(back, kept(dataset, form.holds), form.exact)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_recognised_by_its_content_alone(name, tmp_path):
    """By exactly one format, its own; so opening it without saying what it is does the same."""
    dataset, form = rich(tmp_path / "images"), FORMATS[name]
    target = tmp_path / "out" / TARGET.get(name, "labels.json")
    form.write(dataset, target)
    assert [other for other, one in FORMATS.items() if one.recognise(target)] == [name]
    opened = open_dataset(target, folder=None if name == "yolo" else dataset.folder)
    assert len(opened) == kept(dataset, form.holds).labels.images


LOST = {
    "coco_json": ["1 unknown areas become those of the boxes"],
    "yolo": [
        "2 images are no longer told to belong to one person or clip",
        "2 areas are lost",
        "1 crowds are written as single instances",
        "3 track identities are lost",
        "the numbers of images and instances are lost; they are counted anew",
        "the limbs of the skeleton are lost",
        "the sigmas of the skeleton are lost",
        "title, licence and citation are lost",
    ],
    "csv": [
        "the limbs of the skeleton are lost",
        "the mirrored pairs of the skeleton are lost",
        "the sigmas of the skeleton are lost",
        "the name of the skeleton, mouse, is lost",
        "title, licence and citation are lost",
    ],
    "deeplabcut": [
        "1 instances without a box or a labelled point are left out",
        "2 hidden points are written as visible",
        "3 boxes are lost; they come back tight around the points",
        "3 sizes of images are lost",
        "2 areas are lost",
        "1 crowds are written as single instances",
        "3 track identities are lost",
        "the numbers of images and instances are lost; they are counted anew",
        "the limbs of the skeleton are lost",
        "the mirrored pairs of the skeleton are lost",
        "the sigmas of the skeleton are lost",
        "the name of the skeleton, mouse, is lost",
        "title, licence and citation are lost",
    ],
}


@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_is_said_with_its_count(name, tmp_path):
    dataset = rich(tmp_path / "images")
    said = list(FORMATS[name].write(dataset, tmp_path / "out" / TARGET.get(name, "labels.json")))
    assert said == LOST[name]


def test_what_is_known_of_a_skeleton_by_its_name_is_not_lost(tmp_path):
    """COCO's limbs and sigmas need no place in a csv."""
    one = rich(tmp_path / "images")
    labels = one.labels
    body = replace(
        one,
        skeleton=SKELETONS["lsp14"],
        labels=replace(labels, xy=np.tile(labels.xy[:, :2], (1, 7, 1)), visible=np.tile(labels.visible[:, :2], (1, 7))),
    )
    assert FORMATS["csv"].write(body, tmp_path / "labels.csv") == ("title, licence and citation are lost",)
    assert open_dataset(tmp_path / "labels.csv", folder=one.folder).skeleton is SKELETONS["lsp14"]


@pytest.mark.parametrize("name", FORMATS)
def test_further_columns_and_places_in_space_are_said_to_be_lost(name, tmp_path):
    one = rich(tmp_path / "images")
    further = replace(one.labels, xyz=np.zeros((3, 6, 3)), extras={"mood": np.zeros(3)})
    said = FORMATS[name].write(replace(one, labels=further), tmp_path / "out" / TARGET.get(name, "labels.json"))
    assert "3 instances lose their places in space" in said
    assert "the further columns mood are lost" in said


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "yolo"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe broken", b'{"images": [', b"<annotations><image", b"a,b\n1,2\n"]
)
def test_a_broken_file_is_refused_by_its_name(name, content, tmp_path):
    path = tmp_path / f"bad{FORMATS[name].suffixes[0]}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=re.escape(str(path))):
        FORMATS[name].read(path)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_is_not_there_is_refused(name, tmp_path):
    with pytest.raises(DataError, match=r"cannot be read|no such file|has no data.yaml"):
        FORMATS[name].read(tmp_path / f"none{FORMATS[name].suffixes[0]}")


@settings(max_examples=8)
@given(data=st.data())
def test_any_place_comes_back_to_the_last_bit_from_csv_and_json(data, tmp_path_factory):
    """Numbers are written as Python repeats them."""
    one = rich(tmp_path_factory.mktemp("images"))
    places = data.draw(arrays(np.float64, (3, 6, 2), elements=st.floats(-1e6, 1e6)))
    xy = np.where(one.labels.visible[..., None] > 0, places, np.nan)
    dataset = replace(one, labels=replace(one.labels, xy=xy))
    for name in ("csv", "coco_json"):
        path = one.folder / f"labels{FORMATS[name].suffixes[0]}"
        FORMATS[name].write(dataset, path)
        back = FORMATS[name].read(path, one.folder).labels
        for row, number in enumerate(back.ids.tolist()):
            np.testing.assert_array_equal(back.xy[row], xy[one.labels.ids == number][0])


def test_names_of_formats_are_not_those_of_published_data_sets():
    assert not set(FORMATS) & set(DATASETS)


def test_an_h5_of_deeplabcut_holds_what_its_csv_holds(tmp_path):
    dataset, form = rich(tmp_path / "images"), FORMATS["deeplabcut"]
    form.write(dataset, tmp_path / "labels.h5")
    assert form.recognise(tmp_path / "labels.h5")
    assert_same(form.read(tmp_path / "labels.h5", dataset.folder), kept(dataset, form.holds))


@pytest.mark.parametrize("name", FORMATS)
def test_names_may_hold_any_signs(name, tmp_path):
    one = rich(tmp_path / "images")
    odd = Skeleton.define("a & b", ["<nose>", 'the "tip"', "it's, so", "ä ö", "p&q", "x_y"])
    dataset = replace(one, skeleton=odd)
    target = tmp_path / "out" / TARGET.get(name, "labels.json")
    FORMATS[name].write(dataset, target)
    back = FORMATS[name].read(target, None if name == "yolo" else one.folder)
    assert back.skeleton.names == odd.names


def test_a_file_of_whole_bodies_says_that_there_is_more_in_it(tmp_path):
    keypoints = {"id": 1, "image_id": 1, "keypoints": [1, 2, 2], "foot_kpts": [0] * 18}
    category = {"id": 1, "name": "person", "keypoints": ["nose"]}
    content = {"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [keypoints], "categories": [category]}
    (tmp_path / "a.json").write_text(json.dumps(content))
    notes = open_dataset(tmp_path / "a.json").notes
    assert (
        "the file has feet, faces and hands, too, as COCO-WholeBody; they are read as the form coco_wholebody" in notes
    )


def test_an_instance_of_sleap_with_a_number_that_is_no_place_is_named_or_left_out_and_counted(tmp_path):
    dataset = rich(tmp_path)
    xy = dataset.labels.xy.copy()
    xy[1, 0, 0] = 1e30
    path = tmp_path / "labels.slp"
    FORMATS["sleap"].write(replace(dataset, labels=replace(dataset.labels, xy=xy)), path)
    with pytest.raises(DataError, match=r"frame 0 of video 0: a number is beyond 1e\+12, expected pixels"):
        FORMATS["sleap"].read(path)
    read = FORMATS["sleap"].read(path, skip=True)
    assert len(read.labels) == 2
    assert read.notes[0] == "left out 1 instances with a number that is no place"
