"""The public surface is what tests/public_names.txt says, so that no name comes or goes unnoticed."""

import difflib
import importlib
import pkgutil
from pathlib import Path

import pytest

import vitruvian

LIST = Path(__file__).with_name("public_names.txt")


def public_names() -> list[str]:
    """Every public name with its room, sorted: "vitruvian.geometry.Crop"."""
    rooms = [f"vitruvian.{room.name}" for room in pkgutil.iter_modules(vitruvian.__path__) if room.ispkg]
    return sorted(f"{room}.{name}" for room in ["vitruvian", *rooms] for name in importlib.import_module(room).__all__)


def test_the_public_names_are_those_of_the_list():
    listed, there = LIST.read_text(encoding="utf-8").splitlines(), public_names()
    changes = [line for line in difflib.ndiff(listed, there) if line[0] in "+-"]
    assert not changes, (
        "public names have changed:\n" + "\n".join(changes) + "\nIf that is meant, run `python -m "
        "tests.test_public_names` and add a line to CHANGELOG.md. A name goes only after a release that warned of it."
    )


def test_every_public_name_exists():
    for name in public_names():
        room, _, last = name.rpartition(".")
        assert hasattr(importlib.import_module(room), last), name


def test_the_package_itself_gives_what_most_people_need():
    """Without importing it before it is asked for; see test_light_import."""
    assert dir(vitruvian) == ["Poses", "Skeleton", "__version__", "load", "predict"]
    with pytest.raises(AttributeError, match="module vitruvian has no attribute prdict"):
        vitruvian.prdict  # noqa: B018


def test_no_room_lists_a_name_twice_or_a_private_one():
    names = public_names()
    assert len(names) == len(set(names))
    assert [name for name in names if name.split(".")[-1].startswith("_")] == ["vitruvian.__version__"]


if __name__ == "__main__":
    LIST.write_text("".join(f"{name}\n" for name in public_names()), encoding="utf-8")
