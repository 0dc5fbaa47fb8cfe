"""Every Python example of the documents runs, and prints what it says it prints."""

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest

from vitruvian.media import EXAMPLE_PHOTO

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r"^print\(.*\)\s+# (.*)$", re.MULTILINE)


def examples() -> list[tuple[str, str]]:
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        (f"{path.relative_to(ROOT)}#{number}", block)
        for path in documents
        for number, block in enumerate(BLOCK.findall(path.read_text()), start=1)
    ]


@pytest.mark.parametrize(("place", "code"), examples(), ids=[place for place, _ in examples()])
def test_example_prints_what_it_says(place, code, tmp_path, monkeypatch):
    """`print(...)  # text` must print that text; other lines are only run. photo.jpg is there."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE_PHOTO, "photo.jpg")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, place, "exec"), {})
    said = EXPECTED.findall(code)
    assert printed.getvalue().splitlines()[: len(said)] == said


def test_there_are_examples():
    assert {place.split("#")[0] for place, _ in examples()} >= {"README.md", "docs/concepts/coordinates.md"}
