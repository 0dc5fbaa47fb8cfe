"""Downloads that may break off: over HTTPS, resumed, bounded, and checked before anything reads them."""

import hashlib
import http.client
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from vitruvian.errors import DataError, DownloadError, WeightsError
from vitruvian.runtime.folders import VARIABLE, make_folder
from vitruvian.version import __version__

LARGEST = 4 * 10**9  # bytes; 637 M parameters, the most that a listed model has, take 2.5 GB
CHUNK = 1 << 20  # bytes
TIMEOUT = 30  # seconds without a byte
CONNECTIONS = 4  # tried for one file
PAUSE = 1.0  # seconds between them
LOCAL = ("localhost", "127.0.0.1", "::1")
BROKEN = (URLError, http.client.HTTPException, ConnectionError, TimeoutError)

Progress = Callable[[int, int | None], None]  # bytes there, bytes in all (None: the server does not say)


def download(url: str, target: Path, sha256: str = "", largest: int = LARGEST, progress: Progress | None = None) -> str:
    """Fetch `url` into the file `target` and give its SHA-256, 64 hex digits.

    sha256:  the digits that the SHA-256 must begin with; "" takes any file.
    largest: in bytes; what is larger is refused.

    What has come of a broken download is kept in `target` + ".partial", and the next call goes on from there. `target`
    itself appears when it is whole and its hash is right. If it is there already, and right, nothing is fetched.

    Raises DownloadError when the file cannot be had: no HTTPS (plain HTTP is taken from this machine only), a refusal
    of the server, a lost connection, too large; WeightsError for another hash; DataError when it cannot be written.
    """
    check_url(url)
    make_folder(target.parent)
    if target.is_file() and (digest := file_sha256(target)).startswith(sha256):
        return digest
    partial = target.with_name(target.name + ".partial")
    for resumed in (_size(partial) > 0, False):
        _fetch(url, partial, largest, progress)
        digest = file_sha256(partial)
        if digest.startswith(sha256):
            os.replace(partial, target)
            return digest
        partial.unlink()
        if not resumed:  # otherwise the start may have been of another file, so once more from the beginning
            break
    raise WeightsError(
        f"{url} gave a file with SHA-256 {digest}; its published hash begins with {sha256}. It was deleted, unread. "
        f"Try again; if it stays so, the file on the server was replaced"
    )


def check_url(url: str) -> None:
    """Raise DownloadError unless the address begins with https://, or with http:// and names this machine."""
    parts = urlsplit(url)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)):
        raise DownloadError(f"refused to download from {url}; expected an address that begins with https://")


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hex digits. Raises DataError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot read {path} ({error.strerror})") from error


def _fetch(url: str, partial: Path, largest: int, progress: Progress | None) -> None:
    """The whole file into `partial`, over as many connections as it takes, up to a bound."""
    reason = ""
    for attempt in range(CONNECTIONS):
        time.sleep(PAUSE * attempt)
        try:
            return _go_on(url, partial, largest, progress)
        except BROKEN as error:
            reason = str(getattr(error, "reason", "") or error) or type(error).__name__
    raise DownloadError(
        f"{url}: the download broke off, {reason}; {_size(partial):,} bytes are kept. Run it again to go on from there"
    )


def _go_on(url: str, partial: Path, largest: int, progress: Progress | None) -> None:
    """One connection: from the end of `partial` to the end of the file. Raises one of BROKEN where that fails."""
    there = _size(partial)
    headers = {"User-Agent": f"vitruvian/{__version__}", "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    try:
        answer = build_opener(_SafeRedirects).open(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise DownloadError(
                f"{url}: the server answers {error.code} {error.reason}; if the file has moved, fetch it by hand and "
                f"give it with --from FILE"
            ) from error
        if error.headers.get("Content-Range") == f"bytes */{there}":
            return  # it was whole
        partial.unlink()
        raise ConnectionError("the part that was there belongs to another file") from error
    with answer:
        start, total = _extent(answer, there)
        _check_size(url, start, total, largest, partial.parent)
        end = _write(answer, partial, start, total, largest, progress)
    if total is not None and end < total:
        raise ConnectionError(f"{end:,} of {total:,} bytes came")
    if end > largest:
        partial.unlink()
        _check_size(url, start, end, largest, partial.parent)


class _SafeRedirects(HTTPRedirectHandler):
    """Follows redirections, but not away from HTTPS."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> Any:
        check_url(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _extent(answer: http.client.HTTPResponse, there: int) -> tuple[int, int | None]:
    """Where the bytes of an answer begin, and how many the file has in all, if that is said."""
    part = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if answer.status == http.client.PARTIAL_CONTENT and part and int(part[1]) == there:
        return there, None if part[2] == "*" else int(part[2])
    if answer.status != http.client.OK:
        raise ConnectionError(f"the server answers {answer.status} with bytes that were not asked for")
    length = answer.headers.get("Content-Length")
    return 0, int(length) if length and length.isdecimal() else None


def _check_size(url: str, start: int, total: int | None, largest: int, folder: Path) -> None:
    """Raises DownloadError for a file over the bound, DataError for one that the disk has no room for."""
    if total is None:
        return
    if total > largest:
        raise DownloadError(f"{url} has {total:,} bytes, more than the {largest:,} that are taken; nothing was kept")
    free = shutil.disk_usage(folder).free
    if total - start > free:
        raise DataError(
            f"{url} needs {total - start:,} bytes more, {folder} has room for {free:,}; make room, or set {VARIABLE} "
            f"to another place"
        )


def _write(
    answer: http.client.HTTPResponse,
    partial: Path,
    start: int,
    total: int | None,
    largest: int,
    progress: Progress | None,
) -> int:
    """The bytes of an answer into `partial` from `start` on; the size that it then has, at most a chunk too many."""
    try:
        file = partial.open("ab" if start else "wb")
    except OSError as error:
        raise DataError(f"cannot write {partial} ({error.strerror}); set {VARIABLE} to another place") from error
    with file:
        end = start
        while end <= largest and (chunk := answer.read(CHUNK)):
            try:
                file.write(chunk)
                file.flush()
            except OSError as error:
                partial.unlink(missing_ok=True)
                raise DataError(
                    f"cannot write {partial} ({error.strerror}); what was there is deleted. Make room, or set "
                    f"{VARIABLE} to another place"
                ) from error
            end += len(chunk)
            if progress:
                progress(end, total)
    return end


def _size(partial: Path) -> int:
    return partial.stat().st_size if partial.exists() else 0
