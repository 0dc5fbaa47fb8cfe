"""The tables of published hands, faces, animals and 3D data: contracts over every entry and each of its layouts."""

import re

import numpy as np
import pytest

from vitruvian.datasets.animals import ANIMALS
from vitruvian.datasets.faces import FACES
from vitruvian.datasets.hands import HANDS
from vitruvian.datasets.three_d import THREE_D
from vitruvian.errors import DataError
from vitruvian.metrics import SCORES
from vitruvian.structures import SKELETONS, UNLABELLED

from .published_sets import LAYOUTS, SIZE, converted, points

READERS = HANDS | FACES | ANIMALS | THREE_D

EVERY = pytest.mark.parametrize("name", sorted(READERS))
EVERY_LAYOUT = pytest.mark.parametrize(("name", "layout", "write"), LAYOUTS, ids=[f"{n}-{k}" for n, k, _ in LAYOUTS])
CONVERTED = [(name, len(SKELETONS[READERS[name].skeleton])) for name, layout, _ in LAYOUTS if layout == "converted"]
EVERY_CONVERTED = pytest.mark.parametrize(("name", "keypoints"), CONVERTED)


def test_no_name_is_in_two_tables():
    assert len(READERS) == len(HANDS) + len(FACES) + len(ANIMALS) + len(THREE_D)


def test_every_reader_has_a_fixture():
    assert {name for name, _, _ in LAYOUTS} == set(READERS)


@EVERY
def test_every_data_set_says_what_it_is_and_where_it_comes_from(name):
    about = READERS[name].about
    assert about.title
    assert about.licence
    assert re.search(r"(19|20)\d\d$", about.citation) or about.citation == "none"
    assert about.url.startswith("http")
    assert READERS[name].layout


@EVERY
def test_every_data_set_has_a_known_skeleton_and_known_scores(name):
    assert READERS[name].skeleton in SKELETONS
    assert READERS[name].scores
    assert set(READERS[name].scores) <= set(SCORES)


@EVERY_LAYOUT
def test_every_layout_gives_the_points_that_were_written(name, layout, write, tmp_path):
    reader = READERS[name]
    dataset = reader.read(write(tmp_path))
    labels = dataset.labels
    assert (dataset.name, dataset.skeleton.name, dataset.about) == (name, reader.skeleton, reader.about)
    assert (len(dataset), len(labels)) == (3, 3)
    np.testing.assert_allclose(labels.xy, points(len(dataset.skeleton)), atol=1e-4)
    assert (labels.visible > UNLABELLED).all()
    assert np.isfinite(labels.boxes).all()
    assert len(set(labels.files.tolist())) == 3
    assert labels.image.tolist() == [0, 1, 2]


@EVERY_LAYOUT
def test_every_layout_finds_its_images(name, layout, write, tmp_path):
    dataset = READERS[name].read(write(tmp_path))
    for sample in dataset:
        assert sample.load().shape == (SIZE[1], SIZE[0], 3)


@EVERY_LAYOUT
def test_images_may_lie_in_another_folder(name, layout, write, tmp_path):
    path = write(tmp_path / "annotations")
    dataset = READERS[name].read(path, folder=tmp_path / "elsewhere")
    assert dataset.path(0).is_relative_to(tmp_path / "elsewhere")


@EVERY_LAYOUT
def test_a_file_that_is_cut_short_is_refused_by_name(name, layout, write, tmp_path):
    path = whole = write(tmp_path)
    if path.is_dir():
        path = next(one for one in sorted(path.rglob("*")) if one.suffix in (".pts", ".txt", ".json"))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match=re.escape(path.name)):
        READERS[name].read(whole)


@EVERY_LAYOUT
def test_a_file_that_is_empty_or_not_there_is_refused_by_name(name, layout, write, tmp_path):
    path = write(tmp_path)
    if path.is_file():
        path.write_bytes(b"")
        with pytest.raises(DataError, match=re.escape(path.name)):
            READERS[name].read(path)
    gone = path.with_name(f"{path.stem}_gone{path.suffix}")
    with pytest.raises(DataError, match="gone"):
        READERS[name].read(gone)


@EVERY_CONVERTED
def test_another_number_of_keypoints_is_refused_or_left_out_and_counted(name, keypoints, tmp_path):
    path = converted(keypoints + 1, nested=name == "rhd")(tmp_path)
    with pytest.raises(DataError, match=rf"test\.json.*annotation 7.*expected {3 * keypoints}"):
        READERS[name].read(path)
    dataset = READERS[name].read(path, skip=True)
    assert (len(dataset), len(dataset.labels)) == (3, 0)
    assert any(re.search(r"\b3 annotations", note) for note in dataset.notes)
