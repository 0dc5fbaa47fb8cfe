"""The place of models that do not come along, and its locks."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vitruvian.errors import DataError
from vitruvian.folders import alone, alone_at_once, home, make_folder, write_text, written_whole

HOLD = """
import sys, time
from vitruvian.folders import alone
with alone("a"):
    print("inside", flush=True)
    time.sleep(60)
"""


def test_the_place_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path / "here"))
    assert home() == tmp_path / "here"
    assert not home().exists()
    monkeypatch.setenv("VITRUVIAN_HOME", "~/there")
    assert home() == Path.home() / "there"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="other systems keep caches elsewhere")
def test_otherwise_it_is_where_caches_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("VITRUVIAN_HOME", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert home() == tmp_path / "vitruvian"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert home() == Path.home() / ".cache/vitruvian"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot make the folder .*file/sub \(Not a directory\); set VITRUVIAN_HOME"):
        make_folder(tmp_path / "file" / "sub")


@pytest.mark.skipif(sys.platform == "win32", reason="folders of users are found otherwise")
def test_no_home_folder_is_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VITRUVIAN_HOME", "~no-such-user/models")
    with pytest.raises(
        DataError, match=r"no home folder .* \(VITRUVIAN_HOME is ~no-such-user/models\); set VITRUVIAN_H"
    ):
        home()
    monkeypatch.delenv("VITRUVIAN_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(DataError, match=r"no home folder .* \(VITRUVIAN_HOME is not set\); set VITRUVIAN_HOME"):
        home()


def test_a_lock_that_cannot_be_written_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path))
    (tmp_path / "locks/a.lock").mkdir(parents=True)
    with pytest.raises(DataError, match=r"cannot lock .*a\.lock \(.+\); set VITRUVIAN_HOME"), alone("a"):
        pass


def test_a_lock_waits_for_another_process_and_outlives_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The other process is killed while it is inside."""
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path))
    other = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "inside\n"
        with alone("b"):
            pass  # another name is free
        waiting = subprocess.Popen(
            [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        with waiting:
            time.sleep(1)
            assert waiting.poll() is None
            other.kill()
            assert waiting.stdout is not None
            assert waiting.stdout.readline() == "inside\n"
            waiting.kill()
    with alone("a"):
        pass


def test_who_does_not_wait_is_told_whether_another_is_inside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("VITRUVIAN_HOME", str(tmp_path))
    with alone_at_once("a") as first, alone_at_once("a") as second, alone_at_once("b") as other:
        assert (first, second, other) == (True, False, True)
    with alone_at_once("a") as again:
        assert again
    with alone("a"), alone_at_once("a") as inside:
        assert not inside


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "new" / "a.txt"
    write_text(target, "first\n")

    def stopped_half_way() -> None:
        with written_whole(target) as beside:
            beside.write_text("half")
            assert target.read_text() == "first\n"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_half_way()
    assert [path.name for path in target.parent.iterdir()] == ["a.txt"]
    assert target.read_bytes() == b"first\n"


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such permissions")
def test_who_may_read_a_file_is_what_the_system_has_for_new_ones(tmp_path):
    """Also where what writes it makes it private, as safetensors does."""
    before = os.umask(0o027)
    try:
        with written_whole(tmp_path / "a") as beside:
            beside.touch(mode=0o600)
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file.a\.txt: cannot be written \(.+\); choose another place"):
        write_text(tmp_path / "file" / "a.txt", "text")
