"""Boxes of a detector, read for the images of a data set."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.labels import labels
from vitruvian.datasets import Dataset, read_detections
from vitruvian.errors import DataError
from vitruvian.structures import Skeleton

TWO = Dataset("two", Skeleton.define("one", ["nose"]), labels([0, 1], np.ones((2, 1, 2))), Path("nowhere"))


def write(folder: Path, content: object) -> Path:
    path = folder / "boxes.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def detection(**changed: object) -> dict[str, object]:
    return {"image_id": 101, "category_id": 1, "bbox": [1, 2, 10, 20], "score": 0.5} | changed


def test_a_list_of_detections_comes_in_the_order_of_the_images(tmp_path):
    found = read_detections(write(tmp_path, [detection(), detection(image_id=100, score=1)]), TWO)
    assert found.image.tolist() == [0, 1]
    assert found.score.tolist() == [1, 0.5]
    assert found.boxes[1].tolist() == [1, 2, 11, 22]


def test_of_several_categories_people_alone_are_taken(tmp_path):
    both = [detection(), detection(category_id=18, image_id=7)]
    assert len(read_detections(write(tmp_path, both), TWO)) == 1
    assert len(read_detections(write(tmp_path, [detection(category_id=18)]), TWO)) == 1  # the only one there is


def test_any_file_of_boxes_will_do_by_the_names_of_the_images(tmp_path):
    found = read_detections(write(tmp_path, {"1.jpg": [[0, 0, 5, 5], [1, 1, 6, 6]], "other.jpg": []}), TWO)
    assert (found.image.tolist(), found.score.tolist()) == ([1, 1], [1, 1])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([detection(bbox=[1, 2, 3])], "entry 0: bbox has 3 numbers, expected x, y, width, height"),
        ([detection(), detection(image_id=7)], "entry 1, image_id 7: two has no such image among its 2"),
        ({"7.jpg": [[0, 0, 1, 1]]}, "the image 7.jpg: two has no such image among its 2"),
        ([detection(score="high")], r"no list of detections \(Expected `float`, got `str` - at `\$\[0\].score`\)"),
        ("[", r"no list of detections \(Input data was truncated\)"),
        ("7", "no list of boxes"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, content, said):
    with pytest.raises(DataError, match=said):
        read_detections(write(tmp_path, content), TWO)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"gone\.json cannot be read"):
        read_detections(tmp_path / "gone.json", TWO)
