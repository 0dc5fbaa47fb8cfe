"""Leeds Sports Pose: a table of joints beside the images, or the original MATLAB files."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

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
        read_lsp(folder)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (_row("b.jpg", neck="x,1,1"), "could not convert string to float: 'x'; expected numbers or empty cells"),
        (_row("b.jpg")[:-2], "expected a file name and 42 cells after it; is the line cut short?"),
        (_row("b.jpg", neck="1e300,1,1"), "a number is beyond 1e+12, expected pixels or millimetres"),
        ("b.jpg", "expected a file name and 42 cells after it; is the line cut short?"),
        (_row("b.jpg") + ",7", "expected a file name and 42 cells after it; is the line cut short?"),
        (_row(""), "expected a file name and 42 cells after it; is the line cut short?"),
    ],
)
def test_a_broken_row_is_named_by_its_line_or_left_out_and_counted(write, row, sentence):
    """A blank line stands before it: it is line 4 of the file."""
    folder = write(HEADER, _row("a.jpg"), "", row)
    with pytest.raises(DataError, match=f"^{re.escape(f'{folder}/joints.csv: line 4: {sentence}')}; correct it, or"):
        read_lsp(folder)
    dataset = read_lsp(folder, skip=True)
    assert [sample.name for sample in dataset] == ["a.jpg"]
    assert dataset.notes == ("left out 1 rows that are not as expected",)


def test_another_encoding_is_refused(write):
    folder = write(data=HEADER.encode() + b"\n" + _row("f\xfcnf.jpg").encode("latin-1"))
    with pytest.raises(DataError, match=r"joints\.csv is not a csv in UTF-8 \(.*0xfc.*\); save it as one$"):
        read_lsp(folder)


def test_a_cell_without_end_is_refused(write):
    folder = write(HEADER, '"' + "a" * 200_000)
    with pytest.raises(DataError, match=r"joints\.csv is not a csv in UTF-8 \(field larger than field limit"):
        read_lsp(folder)


def test_a_folder_without_a_table_is_refused(tmp_path):
    sentence = f"{tmp_path}/joints.csv cannot be read (No such file or directory); expected a folder with joints.csv"
    with pytest.raises(DataError, match=f"^{re.escape(sentence)}$"):
        read_lsp(tmp_path)


@pytest.mark.parametrize(("folder", "people", "at_least"), [("lsp_extended", 1400, 4), ("lsp_extended_crops", 7733, 6)])
def test_the_real_tables_read(shared, folder, people, at_least):
    """The number of people and the fewest joints of one of them, as counted in the tables; every box has a size."""
    labels = read_lsp(shared / "realdata" / folder).labels
    assert (labels.images, len(labels)) == (people, people)
    assert (labels.visible > 0).sum(1).min() == at_least
    assert (labels.boxes[:, 2:] > labels.boxes[:, :2]).all()


def test_a_real_person_is_where_the_table_says(shared):
    """The first row: right ankle 145.830, 95.502; no right hip; the picture is 219 x 164."""
    first = read_lsp(shared / "realdata" / "lsp_extended")[0]
    assert first.name == "images/im00005.jpg"
    np.testing.assert_allclose(first.poses.xy[0, 0], [145.830, 95.502], atol=1e-4)
    assert np.isnan(first.poses.xy[0, 2]).all()
    assert first.load().shape == (164, 219, 3)


def test_a_name_that_leads_out_of_the_folder_is_refused(write):
    with pytest.raises(DataError, match=r'line 2: the file name "../a.jpg" leads out of the folder'):
        read_lsp(write(HEADER, _row("../a.jpg")))


@pytest.fixture
def joints(tmp_path):
    """Writes people (N, 14, 3) in the axes of the original or of the extension, with further variables."""

    def _write(people, axes, **variables):
        savemat(tmp_path / "joints.mat", {"joints": np.asarray(people, float).transpose(axes), **variables})
        return tmp_path

    return _write


def test_the_original_marks_hidden_joints(joints):
    """3 x 14 x people, pixels from 1, and a 1 in the third row for a hidden joint."""
    people = np.ones((3, 14, 3)) * [5, 7, 0]
    people[1, 0] = 3, 4, 1
    dataset = read_lsp(joints(people, (2, 1, 0)))
    labels = dataset.labels
    assert labels.files.tolist() == ["images/im0001.jpg", "images/im0002.jpg", "images/im0003.jpg"]
    assert labels.xy[1, :2].tolist() == [[2, 3], [4, 6]]
    assert labels.visible.tolist() == [[2] * 14, [1] + [2] * 13, [2] * 14]
    assert (dataset.name, dataset.about.title) == ("lsp", "Leeds Sports Pose")


def test_the_extension_marks_labelled_joints(joints):
    """14 x 3 x people, pixels from 1, and a 1 in the third column for a joint that is labelled."""
    people = np.ones((3, 14, 3)) * [5, 7, 1]
    people[1, 0] = -3, 4, 0
    dataset = read_lsp(joints(people, (1, 2, 0)))
    labels = dataset.labels
    assert labels.files[0] == "images/im00001.jpg"
    assert np.isnan(labels.xy[1, 0]).all()
    assert labels.xy[1, 1].tolist() == [4, 6]
    assert labels.visible.tolist() == [[2] * 14, [0] + [2] * 13, [2] * 14]
    assert dataset.name == "lsp_extended"


def test_a_selection_says_which_images_it_has(joints):
    assert read_lsp(joints(np.ones((2, 14, 3)), (1, 2, 0), index=[12, 9000])).labels.files.tolist() == [
        "images/im00012.jpg",
        "images/im09000.jpg",
    ]


def test_a_number_of_a_matlab_file_that_is_no_place_is_refused(joints):
    people = np.ones((3, 14, 3))
    people[1, 4, 0] = 1e300
    with pytest.raises(DataError, match=r"joints\.mat: a number of person 2 is beyond 1e\+12; expected pixels"):
        read_lsp(joints(people, (2, 1, 0)))


def test_other_matlab_files_are_refused(tmp_path):
    savemat(tmp_path / "joints.mat", {"joints": np.zeros((4, 4, 2))})
    with pytest.raises(DataError, match="has no variable joints of 3 x 14 x people or 14 x 3 x people"):
        read_lsp(tmp_path / "joints.mat")
    whole = (tmp_path / "joints.mat").read_bytes()
    for data in (whole[:150], b"", b"MATLAB 5.0 MAT-file" + b" " * 200):
        (tmp_path / "joints.mat").write_bytes(data)
        with pytest.raises(DataError, match=r"joints\.mat (is no whole MATLAB file|has no variable joints)"):
            read_lsp(tmp_path / "joints.mat")


def test_the_real_matlab_file_is_the_real_table_one_pixel_further(shared):
    """The table counts pixels from 1 as the MATLAB file does, with three digits."""
    folder = shared / "realdata" / "lsp_extended"
    table, matlab = read_lsp(folder, one_based=True).labels, read_lsp(folder / "joints.mat").labels
    assert table.files.tolist() == matlab.files.tolist()
    np.testing.assert_allclose(table.xy, matlab.xy, atol=6e-4)
    np.testing.assert_array_equal(table.visible, matlab.visible)
