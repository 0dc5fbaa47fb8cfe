"""Boxes from files: the four forms that are understood, and everything else refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from vitruvian.datasets import for_paths, read_boxes
from vitruvian.errors import DataError


@pytest.fixture
def write(tmp_path):
    """Writes text, bytes or a value as JSON to a file and gives its path."""

    def _write(name: str, content: object) -> Path:
        path = tmp_path / name
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return _write


def _plain(boxes: dict[str, np.ndarray]) -> dict[str, list[list[float]]]:
    """As lists, which compare."""
    assert all(rows.dtype == np.float32 and rows.shape[1:] == (4,) for rows in boxes.values())
    return {name: rows.tolist() for name, rows in boxes.items()}


TWO = {"a.jpg": [[0, 1, 10, 20], [5.5, 6, 7, 8]], "b.jpg": [[1, 2, 3, 4]]}


def test_plain_json(write):
    assert _plain(read_boxes(write("boxes.json", {**TWO, "c.jpg": []}))) == {**TWO, "c.jpg": []}


def test_csv(write):
    """Lines of one image need not stand together; columns may be in any order, and there may be others."""
    text = "score,file,y0,x0,x1,y1\n1,a.jpg,1,0,10,20\n1,b.jpg,2,1,3,4\n,a.jpg,6,5.5,7,8\n"
    assert _plain(read_boxes(write("boxes.csv", text))) == TWO


def test_coco(write):
    """bbox is x, y, width, height; an image without annotations has nobody in it."""
    images = [{"id": 7, "file_name": "a.jpg"}, {"id": 3, "file_name": "b.jpg"}, {"id": 1, "file_name": "c.jpg"}]
    annotations = [
        {"image_id": 7, "bbox": [0, 1, 10, 19]},
        {"image_id": 3, "bbox": [1, 2, 2, 2]},
        {"image_id": 7, "bbox": [5.5, 6, 1.5, 2]},
    ]
    path = write("boxes.json", {"images": images, "annotations": annotations})
    assert _plain(read_boxes(path)) == {**TWO, "c.jpg": []}


def _coco(annotations: list[dict], categories: list[str]) -> dict:
    """A file of one image, whose categories are numbered from 1."""
    return {
        "images": [{"id": 7, "file_name": "a.jpg"}],
        "annotations": [{"image_id": 7, "bbox": [k, 0, 1, 1], **one} for k, one in enumerate(annotations)],
        "categories": [{"id": k, "name": name} for k, name in enumerate(categories, 1)],
    }


@pytest.mark.parametrize(
    ("annotations", "categories", "kept"),
    [
        ([{"iscrowd": 1}, {"iscrowd": 0}, {}], [], [1, 2]),
        ([{"category_id": 1}, {"category_id": 2}, {"category_id": 3}], ["dog", "person"], [1]),
        ([{"category_id": 1}], ["dog", "person"], []),
        ([{"category_id": 1}, {}], ["athlete"], [0, 1]),  # of one kind, whatever it is called
        ([{"category_id": 5}] * 2, [], [0, 1]),
    ],
)
def test_of_a_coco_file_single_people_are_taken(write, annotations, categories, kept):
    boxes = read_boxes(write("boxes.json", _coco(annotations, categories)))
    assert boxes["a.jpg"][:, 0].tolist() == kept


def test_a_coco_file_of_several_kinds_without_people_is_refused(write):
    for categories in (["dog", "cat"], []):
        content = _coco([{"category_id": 1}, {"category_id": 2}], categories)
        _refused(write("boxes.json", content), 'ValueError: it has 2 categories, none of them named "person")')


def test_our_own_poses(write):
    images = [{"file": name, "people": [{"box": box, "keypoints": {}} for box in rows]} for name, rows in TWO.items()]
    assert _plain(read_boxes(write("poses.json", {"model": "m", "images": images}))) == TWO


def test_null_is_an_unknown_number(write):
    boxes = read_boxes(write("boxes.json", {"a.jpg": [[0, None, 10, 20]]}))
    np.testing.assert_array_equal(boxes["a.jpg"], [[0, np.nan, 10, 20]])


def test_a_number_too_large_for_a_pixel_is_infinite(write):
    """Which no image accepts as a box."""
    assert _plain(read_boxes(write("boxes.json", '{"a.jpg": [[0, 0, 1e300, 1]]}'))) == {"a.jpg": [[0, 0, np.inf, 1]]}


def test_a_file_saved_with_a_byte_order_mark_is_read(write):
    mark = b"\xef\xbb\xbf"
    assert _plain(read_boxes(write("boxes.json", mark + json.dumps(TWO).encode()))) == TWO
    assert _plain(read_boxes(write("b.CSV", mark + b"file,x0,y0,x1,y1\r\na.jpg,1,2,3,4\r\n"))) == {
        "a.jpg": [[1, 2, 3, 4]]
    }


def test_file_names_with_commas_quotes_and_other_letters_are_read(write):
    text = 'file,x0,y0,x1,y1\n"a, ""b"".jpg",1,2,3,4\nphotos/größe ✓.jpg,1,2,3,4\n'
    assert list(read_boxes(write("boxes.csv", text))) == ['a, "b".jpg', "photos/größe ✓.jpg"]


def test_a_table_of_nobody_has_no_boxes(write):
    assert read_boxes(write("boxes.csv", "file,x0,y0,x1,y1\n")) == {}


def _refused(path: Path, reason: str) -> None:
    with pytest.raises(DataError) as error:
        read_boxes(path)
    assert str(error.value).startswith(f"{path} is no list of boxes ({reason}")
    assert str(error.value).endswith("or a csv with the columns file,x0,y0,x1,y1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ValueError: it has no column file, x0, y0, x1, y1)"),
        ("file,x0,y0,x1\na.jpg,1,2,3\n", "ValueError: it has no column y1)"),
        ("a.jpg,1,2,3,4\n", "ValueError: it has no column file, x0, y0, x1, y1)"),
        (
            "file,x0,y0,x1,y1\na.jpg,1,2,3,4\na.jpg,1,2,3\n",
            "ValueError: line 3 has no number in each of x0, y0, x1, y1)",
        ),
        ("file,x0,y0,x1,y1\n\na.jpg,1,2,,4\n", "ValueError: line 3 has no number in each of x0, y0, x1, y1)"),
        ("file,x0,y0,x1,y1\na.jpg,one,2,3,4\n", "ValueError: line 2 has no number in each of x0, y0, x1, y1)"),
        ("file,x0,y0,x1,y1\na.jpg,1,2,3,4,5\n", "ValueError: line 2 has no file name, or more cells than there are"),
        ("file,x0,y0,x1,y1\n,1,2,3,4\n", "ValueError: line 2 has no file name, or more cells than there are columns"),
        ("file,x0,y0,x1,y1\n" + "a" * 200_000, "Error: field larger than field limit"),
    ],
)
def test_a_csv_of_another_kind_is_refused(write, text, reason):
    _refused(write("boxes.csv", text), reason)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "JSONDecodeError: Expecting value"),
        ('{"a.jpg": [[1, 2, 3, 4]', "JSONDecodeError: "),
        ("[" * 200_000, "RecursionError: "),
        ([], "TypeError: it holds a list, not an object)"),
        ([["a.jpg", [[1, 2, 3, 4]]]], "TypeError: it holds a list, not an object)"),
        ("5", "TypeError: it holds a int, not an object)"),
        ("null", "TypeError: it holds a NoneType, not an object)"),
        ('"annotations"', "TypeError: it holds a str, not an object)"),
        ({"a.jpg": {}}, "TypeError: the boxes of a.jpg are a dict, not a list)"),
        ({"a.jpg": "12"}, "TypeError: the boxes of a.jpg are a str, not a list)"),
        ({"a.jpg": [1, 2, 3, 4]}, "ValueError: a box is 1, expected four numbers)"),
        ({"a.jpg": [[]]}, "ValueError: a box is [], expected four numbers)"),
        ({"a.jpg": [[1, 2, 3]]}, "ValueError: a box is [1, 2, 3], expected four numbers)"),
        ({"a.jpg": [[1, 2, 3, 4, 0.9]] * 4}, "ValueError: a box is [1, 2, 3, 4, 0.9], expected four numbers)"),
        ({"a.jpg": [["1", "2", "3", "4"]]}, 'ValueError: a box is ["1", "2", "3", "4"], expected four numbers)'),
        ({"a.jpg": [[True, 2, 3, 4]]}, "ValueError: a box is [true, 2, 3, 4], expected four numbers)"),
        (f'{{"a.jpg": [[1, 2, 3, 1{"0" * 400}]]}}', "OverflowError: "),
        ({"images": [{"file": "a.jpg"}]}, "KeyError: 'people')"),
        ({"images": [{"file": "a.jpg", "people": [{"keypoints": {}}]}]}, "KeyError: 'box')"),
        ({"images": {"file": "a.jpg", "people": []}}, "TypeError: "),
        ({"annotations": []}, "KeyError: 'images')"),
        ({"images": [], "annotations": [{"image_id": 1, "bbox": [1, 2, 3, 4]}]}, "KeyError: 1)"),
        ({"images": [{"id": 1}], "annotations": []}, "KeyError: 'file_name')"),
        (
            {"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 1, "bbox": [1, 2, 3]}]},
            "ValueError: a box is [1, 2, 3], expected four numbers)",
        ),
        (
            {"images": [{"id": 1, "file_name": "a"}], "annotations": [{"image_id": 1, "bbox": {"x": 1}}]},
            'ValueError: a box is {"x": 1}, expected four numbers)',
        ),
    ],
)
def test_json_of_another_kind_is_refused(write, content, reason):
    _refused(write("boxes.json", content), reason)


def test_another_encoding_is_refused(write):
    path = write("boxes.csv", "file,x0,y0,x1,y1\nfünf.jpg,1,2,3,4\n".encode("latin-1"))
    with pytest.raises(
        DataError, match=rf"^{re.escape(str(path))} cannot be read as text \('utf-8' codec can't decode"
    ):
        read_boxes(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(DataError, match=rf"^{re.escape(str(path))} cannot be read as text \(.*; expected "):
            read_boxes(path)


def test_boxes_are_found_by_file_name_in_any_folder():
    boxes = {"a.jpg": np.zeros((1, 4))}
    one, two = Path("x/a.jpg"), Path("y/a.jpg")
    assert for_paths(boxes, [one, two, Path("x/b.jpg")]) == {one: boxes["a.jpg"], two: boxes["a.jpg"]}


def test_the_full_name_goes_before_the_file_name():
    boxes = {"x/a.jpg": np.ones((1, 4)), "a.jpg": np.zeros((1, 4))}
    found = for_paths(boxes, [Path("x/a.jpg"), Path("y/a.jpg")])
    assert found[Path("x/a.jpg")] is boxes["x/a.jpg"]
    assert found[Path("y/a.jpg")] is boxes["a.jpg"]


def test_no_boxes_or_no_images_is_nobody():
    assert for_paths({}, [Path("a.jpg")]) == {}
    assert for_paths({"a.jpg": np.zeros((1, 4))}, []) == {}


def test_boxes_of_other_images_are_refused():
    sentence = (
        "the boxes are for p.jpg, q.jpg, r.jpg, ..., none of which is among the images given (x/a.jpg, ...); "
        "name the images as the file of boxes does"
    )
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        for_paths(dict.fromkeys(("s.jpg", "q.jpg", "p.jpg", "r.jpg"), np.zeros((1, 4))), [Path("x/a.jpg")])


def test_real_coco_annotations_read(shared):
    """44 images, 167 persons and 5 crowds; the first annotation by its own bbox: x, y, width, height."""
    path = shared / "realdata/coco_mini/annotations/person_keypoints_train2017.json"
    boxes = read_boxes(path)
    assert (len(boxes), sum(len(rows) for rows in boxes.values())) == (44, 167)
    content = json.loads(path.read_text())
    first = content["annotations"][0]
    name = next(image["file_name"] for image in content["images"] if image["id"] == first["image_id"])
    x, y, width, height = first["bbox"]
    np.testing.assert_allclose(boxes[name][0], [x, y, x + width, y + height], rtol=1e-6)
