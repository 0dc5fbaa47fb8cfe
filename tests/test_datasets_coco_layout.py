"""The layout of COCO's keypoint files: what is read, and what is refused or left out and counted."""

import json
import re

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.datasets import json_records
from vitruvian.datasets.coco_layout import Annotation, ImageRecord, read_layout
from vitruvian.errors import DataError


def image(number, **fields):
    return {"id": number, "file_name": f"{number}.jpg", "width": 64, "height": 48, **fields}


def annotation(number, of, **fields):
    """Two keypoints: the first visible at (3, 4), the second not labelled."""
    return {
        "id": number, "image_id": of, "category_id": 1, "keypoints": [3, 4, 2, 0, 0, 0], "bbox": [1, 2, 10, 20],
        "area": 90.5, "iscrowd": 0, **fields,
    }  # fmt: skip


def content(**lists):
    return {
        "images": [image(7), image(5), image(9)],
        "annotations": [annotation(70, 9), annotation(71, 7, keypoints=[1, 2, 1, 5, 6, 2]), annotation(72, 9)],
        "categories": [{"id": 1, "name": "person", "keypoints": ["left", "right"], "skeleton": [[1, 2]]}],
        **lists,
    }


@pytest.fixture
def write(tmp_path):
    """Writes an object, or text, or bytes, and gives the path."""

    def _write(what):
        path = tmp_path / "some.json"
        data = what if isinstance(what, bytes) else (what if isinstance(what, str) else json.dumps(what)).encode()
        path.write_bytes(data)
        return path

    return _write


def test_a_file_becomes_columns(write):
    """Image 9 has rows 0 and 2, image 7 row 1, image 5 nobody. A box of x 1, y 2, 10 x 20 ends at 11, 22."""
    labels = read_layout(write(content()), 2).labels
    assert labels.files.tolist() == ["7.jpg", "5.jpg", "9.jpg"]
    assert labels.image_ids.tolist() == [7, 5, 9]
    assert labels.sizes.tolist() == [[64, 48]] * 3
    assert labels.groups.tolist() == [0, 1, 2]
    assert labels.image.tolist() == [2, 0, 2]
    assert labels.ids.tolist() == [70, 71, 72]
    np.testing.assert_array_equal(labels.xy, [[[3, 4], [np.nan] * 2], [[1, 2], [5, 6]], [[3, 4], [np.nan] * 2]])
    assert labels.visible.tolist() == [[2, 0], [1, 2], [2, 0]]
    assert labels.boxes.tolist() == [[1, 2, 11, 22]] * 3
    assert labels.area.tolist() == [90.5] * 3
    assert labels.crowd.tolist() == [False] * 3
    assert labels.tracks is None
    assert labels.xy.dtype == labels.boxes.dtype == labels.area.dtype == np.float64


def test_records_come_in_the_order_of_the_labels(write):
    layout = read_layout(write(content()), 2)
    assert [one.id for one in layout.annotations] == layout.labels.ids.tolist()
    assert [one.id for one in layout.images] == layout.labels.image_ids.tolist()
    assert layout.categories[0].keypoints == ["left", "right"]
    assert layout.notes == ()


def test_what_is_not_stated_is_unknown(write):
    """No keypoints, no box, no area, no size: NaN and 0; the instance is kept."""
    labels = read_layout(
        write({"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"id": 1, "image_id": 1}]}), 2
    ).labels
    assert all(np.isnan(column).all() for column in (labels.xy, labels.boxes, labels.area))
    assert labels.sizes.tolist() == [[0, 0]]
    assert len(labels) == 1


def test_images_without_annotations_are_a_data_set(write):
    labels = read_layout(write(content(annotations=[])), 2).labels
    assert (labels.images, len(labels), labels.keypoints) == (3, 0, 2)


def test_crowds_and_tracks_are_columns(write):
    """A person without an identity has track -1 where others have one."""
    people = [annotation(1, 7, iscrowd=True), annotation(2, 7, track_id=0), annotation(3, 7, iscrowd=0)]
    labels = read_layout(write(content(annotations=people)), 2).labels
    assert labels.crowd.tolist() == [True, False, False]
    assert labels.tracks.tolist() == [-1, 0, -1]


def test_a_subclass_reads_further_fields_and_puts_its_keypoints_together(write):
    class Person(Annotation):
        foot: list[float] = msgspec.field(default_factory=list)

        def points(self):
            return self.keypoints + self.foot

    class Frame(ImageRecord):
        vid: str = ""

    people = [annotation(1, 7, foot=[8, 9, 2])]
    layout = read_layout(write(content(images=[image(7, vid="x")], annotations=people)), 3, Person, Frame)
    assert layout.labels.xy[0, 2].tolist() == [8, 9]
    assert layout.images[0].vid == "x"


def test_fields_that_nobody_asked_for_are_skipped(write):
    people = [annotation(1, 7, segmentation=[[1, 2, 3, 4]]), annotation(2, 7, segmentation={"counts": "ab", "size": 1})]
    assert len(read_layout(write(content(annotations=people)), 2).labels) == 2


def test_categories_are_chosen_by_name_or_number(write):
    kinds = [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}]
    path = write(content(categories=kinds, annotations=[annotation(1, 7), annotation(2, 7, category_id=18)]))
    assert read_layout(path, 2).labels.ids.tolist() == [1, 2]
    assert read_layout(path, 2, categories=["dog"]).labels.ids.tolist() == [2]
    assert read_layout(path, 2, categories=[1]).labels.ids.tolist() == [1]
    with pytest.raises(DataError, match=r"has no category 'cat'; it has person \(1\), dog \(18\)"):
        read_layout(path, 2, categories=["cat"])


def test_the_number_of_keypoints_is_found_in_the_categories_or_else_in_the_first_annotation(write):
    assert read_layout(write(content()), None).labels.keypoints == 2
    people = [annotation(1, 7, keypoints=[]), annotation(2, 7, keypoints=[0] * 9)]
    assert read_layout(write(content(categories=[], annotations=people)), None).labels.keypoints == 3
    with pytest.raises(DataError, match="names no keypoints in its categories and has none in its annotations"):
        read_layout(write(content(categories=[], annotations=[])), None)


def test_an_image_under_two_ids_is_one_image(write):
    images = [image(1), image(2, file_name="1.jpg"), image(3)]
    layout = read_layout(write(content(images=images, annotations=[annotation(1, 1), annotation(2, 2)])), 2)
    assert layout.labels.files.tolist() == ["1.jpg", "3.jpg"]
    assert layout.labels.image.tolist() == [0, 0]
    assert layout.notes == ("1 images are listed again under another id and taken as one",)


def test_backslashes_of_file_names_become_forward_slashes(write):
    labels = read_layout(write(content(images=[image(9, file_name="a\\b.jpg")], annotations=[])), 2).labels
    assert labels.files.tolist() == ["a/b.jpg"]


def test_a_confidence_in_place_of_a_visibility_counts_as_labelled(write):
    labels = read_layout(write(content(annotations=[annotation(1, 7, keypoints=[1, 2, 0.3, 5, 6, 0.0])])), 2).labels
    assert labels.visible.tolist() == [[1, 0]]


def test_a_byte_order_mark_is_no_harm(write):
    assert read_layout(write(b"\xef\xbb\xbf" + json.dumps(content()).encode()), 2).labels.images == 3


BAD_RECORDS = [
    ({"annotations": [annotation(1, 7), annotation(1, 9)]}, "annotation 1: two annotations have this id"),
    ({"annotations": [annotation(1, 7), annotation(3, 4)]}, "annotation 3: there is no image 4"),
    ({"annotations": [annotation(1, 7), annotation(3, 7, category_id=9)]}, "annotation 3: there is no category 9"),
    (
        {"annotations": [annotation(1, 7), annotation(3, 7, keypoints=[1, 2, 2])]},
        "annotation 3: 3 numbers for keypoints, expected 6, x, y and v of 2",
    ),
    (
        {"annotations": [annotation(1, 7), annotation(3, 7, keypoints=[1, 2, 3, 0, 0, 0])]},
        "annotation 3: a keypoint has visibility 3, expected 0, 1 or 2",
    ),
    ({"annotations": [annotation(1, 7), annotation(3, 7, bbox=[1, 2, 3])]}, "annotation 3: bbox has 3 numbers"),
    (
        {"annotations": [annotation(1, 7), annotation(3, 7, keypoints=[1, "2", 2, 0, 0, 0])]},
        "annotation 3 (entry 1 of its list): Expected `float`, got `str` - at `$.keypoints[1]`",
    ),
    (
        {"annotations": [annotation(1, 7), annotation(3, 7, keypoints=[1, float("nan"), 2, 0, 0, 0])]},
        "annotation 3 (entry 1 of its list): Expected `float`, got `str` - at `$.keypoints[1]` (NaN)",
    ),
    (
        {"annotations": [annotation(1, 7), annotation(3, 7, bbox=[1, 2, float("-inf"), 4])]},
        "annotation 3 (entry 1 of its list): Expected `float`, got `str` - at `$.bbox[2]` (-Infinity)",
    ),
    ({"annotations": [annotation(1, 7), annotation("x", 7)]}, "annotation x (entry 1 of its list): Expected `int`"),
    ({"annotations": [annotation(1, 7), {"image_id": 7}]}, "annotation 1 of its list: Object missing required field"),
    ({"annotations": [annotation(1, 7), 5]}, "annotation 1 of its list: Expected `object`, got `int`"),
    ({"annotations": [annotation(1, 7), annotation(2**64, 7)]}, f"annotation {2**64} (entry 1 of its list): "),
    (
        {"annotations": [annotation(1, 7), annotation(3, 7, keypoints=[1, 1e308, 2, 0, 0, 0])]},
        "annotation 3: a number is beyond 1e+12, expected pixels",
    ),
    (
        {"annotations": [annotation(1, 7), annotation(3, 7, bbox=[-1e308, 1, 1e308, 1])]},
        "annotation 3: a number is beyond 1e+12, expected pixels",
    ),
]


@pytest.mark.parametrize(("lists", "sentence"), BAD_RECORDS)
def test_a_bad_annotation_is_named_or_left_out_and_counted(write, lists, sentence):
    path = write(content(**lists))
    with pytest.raises(DataError, match=f"^{re.escape(f'{path}: {sentence}')}.*; correct it, or skip such records"):
        read_layout(path, 2)
    layout = read_layout(path, 2, skip=True)
    assert layout.labels.ids.tolist() == [1]
    assert [note[:10] for note in layout.notes] == ["left out 1"]


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (image(7, file_name="b.jpg"), "image 7: two images have this id"),
        (image(1, file_name="../b.jpg"), 'image 1: the file name "../b.jpg" leads out of the folder of images'),
        (image(1, file_name="a/../../b.jpg"), 'image 1: the file name "a/../../b.jpg" leads out'),
        (image(1, file_name="/b.jpg"), 'image 1: the file name "/b.jpg" leads out of the folder of images'),
        (image(1, file_name="C:\\b.jpg"), 'image 1: the file name "C:/b.jpg" leads out of the folder of images'),
        (image(1, file_name=""), 'image 1: the file name "" has 0 letters, expected 1 to 1024'),
        (image(1, file_name="b" * 2000), 'image 1: the file name "bbbbbbbbbbbbbbbb'),
        (image(1, file_name="a/" + "b" * 256), f'image 1: the file name "a/{"b" * 38}..." has 256 bytes'),
        (image(1, width=-1), "image 1 (entry 1 of its list): Expected `int` >= 0 - at `$.width`"),
        (image(1, file_name=None), "image 1 (entry 1 of its list): Expected `str`, got `null` - at `$.file_name`"),
    ],
)
def test_a_bad_image_is_named_or_left_out_and_counted(write, bad, sentence):
    path = write(content(images=[image(7), bad], annotations=[annotation(1, 7)]))
    with pytest.raises(DataError, match=f"^{re.escape(f'{path}: {sentence}')}"):
        read_layout(path, 2)
    layout = read_layout(path, 2, skip=True)
    assert layout.labels.files.tolist() == ["7.jpg"]
    assert [note[:10] for note in layout.notes] == ["left out 1"]


def test_annotations_of_images_that_are_left_out_are_left_out_too(write):
    path = write(content(images=[image(7), image(9, file_name="/x")]))
    notes = read_layout(path, 2, skip=True).notes
    assert notes == (
        "left out 1 images with a file name that cannot be used",
        "left out 2 annotations whose image is not there",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty; expected annotations; was its download or copy cut short?"),
        (" \n", "is empty"),
        (json.dumps(content())[:-9], "is not whole JSON after .* bytes .*truncated.*cut short?"),
        ("no json", "is not whole JSON"),
        (b"\xff\xfe\x00", "is not whole JSON"),
        ('{"images": [{"id": 1, "x": ' + "[" * 100_000, "is not whole JSON"),
        ('{"images": [NaN', "is not whole JSON"),
        ("[]", "is not a COCO file, an object with the list .images.: Expected `object`, got `array`"),
        ("{}", "is not a COCO file.*missing required field `images`"),
        ('{"images": 3}', "is not a COCO file.*Expected `array`, got `int`"),
        ('{"images": [], "annotations": []}', "has no images that can be used; expected at least one"),
    ],
)
@pytest.mark.parametrize("skip", [False, True])
def test_what_is_no_such_file_is_refused(write, text, sentence, skip):
    with pytest.raises(DataError, match=rf"some\.json {sentence}"):
        read_layout(write(text), 2, skip=skip)


def test_a_name_in_another_encoding_is_named_or_left_out_and_counted(write):
    path = write(json.dumps(content()).replace("5.jpg", "five").encode().replace(b"five", b"\xe9.jpg"))
    with pytest.raises(DataError, match=r"image 5 .entry 1 of its list.: .*can't decode byte 0xe9"):
        read_layout(path, 2)
    assert read_layout(path, 2, skip=True).labels.files.tolist() == ["7.jpg", "9.jpg"]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.json cannot be read \(No such file or directory\)"):
        read_layout(tmp_path / "none.json", 2)


def test_a_huge_file_is_refused_before_it_is_read(write, monkeypatch):
    monkeypatch.setattr(json_records, "LARGEST", 100)
    with pytest.raises(DataError, match="over the 0 GiB that are read; split it"):
        read_layout(write(content()), 2)


numbers = st.floats(-1e12, 1e12)


@given(st.lists(st.lists(st.tuples(numbers, numbers, st.integers(0, 2)), min_size=2, max_size=2), max_size=5))
def test_every_number_arrives_as_it_was_written(tmp_path_factory, people):
    path = tmp_path_factory.mktemp("layout") / "a.json"
    rows = [
        annotation(n, 7, keypoints=[value for point in person for value in point]) for n, person in enumerate(people)
    ]
    path.write_text(json.dumps(content(annotations=rows)))
    labels = read_layout(path, 2).labels
    for row, person in enumerate(people):
        for k, (x, y, v) in enumerate(person):
            assert labels.visible[row, k] == v
            np.testing.assert_array_equal(labels.xy[row, k], [x, y] if v else [np.nan, np.nan])
