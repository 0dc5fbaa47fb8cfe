"""Where Vitruvian keeps what it fetched or worked out, how processes share the place, and how files are written."""

import os
import stat
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from vitruvian.errors import DataError

VARIABLE = "VITRUVIAN_HOME"


def home() -> Path:
    """The folder named by VITRUVIAN_HOME, or "vitruvian" where the system keeps caches; it need not exist.

    Raises DataError where the system knows no home folder that either would be in.
    """
    chosen = os.environ.get(VARIABLE)
    try:
        return Path(chosen).expanduser() if chosen else _caches() / "vitruvian"
    except RuntimeError as error:  # Python's word for a user without a home, or one that does not exist
        raise DataError(
            f"there is no home folder to keep models in ({VARIABLE} is {chosen or 'not set'}); set {VARIABLE} to a "
            f"folder"
        ) from error


def _caches() -> Path:
    """Where the system keeps what can be fetched again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def make_folder(folder: Path) -> Path:
    """The folder itself, made if it is not there. Raises DataError, naming VITRUVIAN_HOME, where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot make the folder {folder} ({error.strerror}); set {VARIABLE} to another place"
        ) from error
    return folder


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, in its folder, which is made; at the end of the block it becomes `path`.

    Who looks sees the old file or the new one, never half of it; an error in the block leaves the old one. Who may read
    it is what the system has for new files, whatever writes it. Raises DataError where the folder cannot be made or the
    file not be put in place.
    """
    beside = path.with_name(f".{uuid.uuid4().hex}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = _usual_mode(beside)
        yield beside
        beside.chmod(mode)
        os.replace(beside, path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _usual_mode(path: Path) -> int:
    """The permissions that a new file of this name gets; nothing of it stays. To ask for the umask would change it."""
    path.touch()
    mode = path.stat().st_mode
    path.unlink()
    return stat.S_IMODE(mode)


def write_text(path: Path, text: str) -> None:
    """The text as UTF-8, `written_whole`. A file name in it need not be text."""
    with written_whole(path) as beside:
        beside.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One process at a time, of all that share the home folder, is inside for the same `name`; the others wait.

    The system gives the lock back when its process ends, however it ends; the empty lock file stays. Raises DataError,
    naming VITRUVIAN_HOME, where it cannot be written.
    """
    with _held(name, _wait):
        yield


@contextmanager
def alone_at_once(name: str) -> Iterator[bool]:
    """As `alone`, but nobody waits: False where another process, or another thread of this one, is inside."""
    with _held(name, _try) as inside:
        yield inside


@contextmanager
def _held(name: str, lock: Callable[[BinaryIO], bool]) -> Iterator[bool]:
    """The lock file, open, and so locked until the end of the block; what `lock` says of it."""
    path = make_folder(home() / "locks") / f"{name}.lock"
    try:
        file = path.open("a+b")
        inside = lock(file)
    except OSError as error:
        raise DataError(f"cannot lock {path} ({error.strerror}); set {VARIABLE} to another place") from error
    with file:
        yield inside


if sys.platform == "win32":
    import msvcrt

    def _wait(file: BinaryIO) -> bool:
        while not _try(file):
            time.sleep(0.2)
        return True

    def _try(file: BinaryIO) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:  # another process is inside
            return False
        return True

else:
    import fcntl

    def _wait(file: BinaryIO) -> bool:
        fcntl.flock(file, fcntl.LOCK_EX)
        return True

    def _try(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another process is inside
            return False
        return True
