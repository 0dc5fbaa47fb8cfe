"""Text files with a record in each line."""

import pytest

from vitruvian.datasets.text_lines import text_lines
from vitruvian.errors import DataError


def test_lines_are_named_by_their_number_and_empty_ones_left_out(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffä b\r\n\n  \nc,d".encode())
    assert text_lines(path, "a list") == [("line 1", "ä b"), ("line 4", "c,d")]


def test_what_is_no_text_or_not_there_is_refused_with_what_was_expected(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"a\xff\xfe")
    with pytest.raises(DataError, match=r"list\.txt is no text .*; expected a list of faces"):
        text_lines(path, "a list of faces")
    with pytest.raises(DataError, match=r"none\.txt cannot be read"):
        text_lines(tmp_path / "none.txt", "a list of faces")
