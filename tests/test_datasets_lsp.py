"""Leeds Sports Pose: a table of joints beside the images."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from vitruvian.datasets import read_lsp
from vitruvian.errors import DataError, ImageError
from vitruvian.structures import SKELETONS

NAMES = SKELETONS["lsp14"].names
HEADER = ",".join(["file", *(f"{name}_{part}" for name in NAMES for part in "xyv")])


def _row(file: str, **joints: str) -> str:
    """A line of the table; joints that are not given are empty with v = 0."""
    return ",".join([file, *(joints.get(name, ",,0") for name in NAMES)])


@pytest.fixture
def write(tmp_path):
    """Writes lines, or bytes, to joints.csv and gives its folder."""

    def _write(*lines: str, data: bytes | None = None) -> Path:
        (tmp_path / "joints.csv").write_bytes("\n".join(lines).encode() if data is None else data)
        return tmp_path

    return _write


def test_a_row_is_a_person(write):
    """The joints are ordered as in the skeleton: right ankle first, head top last. The box is tight about the two."""
    folder = write(HEADER, _row("a.jpg", right_ankle="10,20.5,1", head_top="4,50,1"))
    (sample,) = read_lsp(folder)
    assert sample.name == "a.jpg"
    assert sample.poses.xy.shape == (1, 14, 2)
    assert sample.poses.xy[0, [0, 13]].tolist() == [[10, 20.5], [4, 50]]
    assert np.isnan(sample.poses.xy[0, 1:13]).all()
    assert sample.poses.score.tolist() == [[1, *[0] * 12, 1]]
    assert sample.poses.boxes.tolist() == [[4, 20.5, 10, 50]]
    assert {array.dtype for array in (sample.poses.xy, sample.poses.score, sample.poses.boxes)} == {np.dtype("float32")}


@pytest.mark.parametrize("cells", ["0.0,-27.293,0", ",,0", ",,1", "5,,1", ",5,1", "5,5,", "nan,nan,1"])
def test_a_joint_that_is_not_annotated_is_unknown_and_has_no_score(write, cells):
    """v = 0, whatever the coordinates, or any empty cell."""
    (sample,) = read_lsp(write(HEADER, _row("a.jpg", neck=cells)))
    assert np.isnan(sample.poses.xy).all()
    assert not sample.poses.score.any()
    assert np.isnan(sample.poses.boxes).all()


def test_one_based_coordinates_lose_one(write):
    folder = write(HEADER, _row("a.jpg", neck="1,2.5,1"))
    (sample,) = read_lsp(folder, one_based=True)
    assert sample.poses.xy[0, NAMES.index("neck")].tolist() == [0, 1.5]
    assert sample.poses.boxes.tolist() == [[0, 1.5, 0, 1.5]]


def test_images_are_opened_when_they_are_asked_for(write):
    folder = write(HEADER, _row("grey.png"), _row("none.png"))
    cv2.imwrite(str(folder / "grey.png"), np.full((3, 5, 3), 7, np.uint8))
    there, gone = read_lsp(folder)
    np.testing.assert_array_equal(there.load(), np.full((3, 5, 3), 7))
    with pytest.raises(ImageError, match=r"none\.png: no such file"):
        gone.load()


def test_a_table_saved_with_a_byte_order_mark_is_read(write):
    folder = write(data=b"\xef\xbb\xbf" + f"{HEADER}\r\n{_row('a.jpg')}\r\n".encode())
    assert [sample.name for sample in read_lsp(folder)] == ["a.jpg"]


def test_a_table_without_rows_has_no_samples(write):
    assert list(read_lsp(write(HEADER))) == []


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([""], "expected the columns file, right_ankle_x, right_ankle_y, right_ankle_v, ..., got None"),
        (["file,x,y"], "expected the columns file, right_ankle_x, right_ankle_y, right_ankle_v, ..., got ['file', "),
        (
            [HEADER.removesuffix(",head_top_v")],
            "expected the columns file, right_ankle_x, right_ankle_y, right_ankle_v",
        ),
    ],
)
def test_other_columns_are_refused(write, lines, sentence):
    folder = write(*lines)
    with pytest.raises(DataError, match=f"^{re.escape(f'{folder}/joints.csv: {sentence}')}"):
        list(read_lsp(folder))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (_row("b.jpg", neck="x,1,1"), "could not convert string to float: 'x'; expected numbers or empty cells"),
        (_row("b.jpg")[:-2], "expected a file name and 42 cells after it; is the line cut short?"),
        ("b.jpg", "expected a file name and 42 cells after it; is the line cut short?"),
        (_row("b.jpg") + ",7", "expected a file name and 42 cells after it; is the line cut short?"),
        (_row(""), "expected a file name and 42 cells after it; is the line cut short?"),
    ],
)
def test_a_broken_row_is_named_by_its_line(write, row, sentence):
    """A blank line stands before it: it is line 4 of the file, and the row before is still read."""
    folder = write(HEADER, _row("a.jpg"), "", row)
    samples = read_lsp(folder)
    assert next(samples).name == "a.jpg"
    with pytest.raises(DataError, match=f"^{re.escape(f'{folder}/joints.csv, line 4: {sentence}')}$"):
        next(samples)


def test_another_encoding_is_refused(write):
    folder = write(data=HEADER.encode() + b"\n" + _row("f\xfcnf.jpg").encode("latin-1"))
    with pytest.raises(DataError, match=r"joints\.csv is not a csv in UTF-8 \(.*0xfc.*\); save it as one$"):
        list(read_lsp(folder))


def test_a_cell_without_end_is_refused(write):
    folder = write(HEADER, '"' + "a" * 200_000)
    with pytest.raises(DataError, match=r"joints\.csv is not a csv in UTF-8 \(field larger than field limit"):
        list(read_lsp(folder))


def test_a_folder_without_a_table_is_refused(tmp_path):
    sentence = f"{tmp_path}/joints.csv cannot be read (No such file or directory); expected a folder with joints.csv"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        list(read_lsp(tmp_path))


@pytest.mark.parametrize(("folder", "people", "at_least"), [("lsp_extended", 1400, 4), ("lsp_extended_crops", 7733, 6)])
def test_the_real_tables_read(shared, folder, people, at_least):
    """The number of people and the fewest joints of one of them, as counted in the tables; every box has a size."""
    samples = list(read_lsp(shared / "realdata" / folder))
    assert len({sample.name for sample in samples}) == people
    assert min(sample.poses.score.sum() for sample in samples) == at_least
    boxes = np.concatenate([sample.poses.boxes for sample in samples])
    assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_a_real_person_is_where_the_table_says(shared):
    """The first row: right ankle 145.830, 95.502; no right hip; the picture is 219 x 164."""
    first = next(read_lsp(shared / "realdata" / "lsp_extended"))
    assert first.name == "images/im00005.jpg"
    np.testing.assert_allclose(first.poses.xy[0, 0], [145.830, 95.502], atol=1e-4)
    assert np.isnan(first.poses.xy[0, 2]).all()
    assert first.load().shape == (164, 219, 3)
