"""Downloads that may break off: over HTTPS, resumed, bounded, and checked before anything reads them."""

import hashlib
import http.client
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from vitruvian.errors import DataError, DownloadError, WeightsError
from vitruvian.folders import VARIABLE, make_folder
from vitruvian.version import __version__

LARGEST = 4 * 10**9  # bytes; 637 M parameters, the most that a listed model has, take 2.5 GB
CHUNK = 1 << 20  # bytes
TIMEOUT = 30  # seconds without a byte
CONNECTIONS = 4  # tried for one file
PAUSE = 1.0  # seconds between them
LOCAL = ("localhost", "127.0.0.1", "::1")

Progress = Callable[[int, int | None], None]  # bytes there, bytes in all (None: the server does not say)
Answer = http.client.HTTPResponse | HTTPError


def download(url: str, target: Path, sha256: str = "", largest: int = LARGEST, progress: Progress | None = None) -> str:
    """Fetch `url` into the file `target` and give its SHA-256, 64 hex digits.

    sha256:  the digits that the SHA-256 must begin with; "" takes any file whose length the server says.
    largest: in bytes; what is larger is refused.

    What has come of a broken download is kept in `target` + ".partial", and the next call goes on from there. `target`
    itself appears when it is whole and its hash is right. If it is there already, and right, nothing is fetched.
    Without a hash, nothing that is there is used: what would tell that it is of this file?

    Raises DownloadError when the file cannot be had: no HTTPS (plain HTTP is taken from this machine only), a refusal
    of the server, a lost connection, too large; WeightsError for another hash; DataError when it cannot be written.
    """
    check_url(url)
    make_folder(target.parent)
    if sha256 and target.is_file() and (digest := file_sha256(target)).startswith(sha256):
        return digest
    partial = target.with_name(target.name + ".partial")
    job = _Job(url, partial, bool(sha256), largest, progress)
    for resumed in (job.there > 0, False):
        _fetch(job)
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
    try:
        parts = urlsplit(url)
        allowed = parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL))
    except ValueError:  # such as half an IPv6 address
        allowed = False
    if not allowed:
        raise DownloadError(f"refused to download from {url}; expected an address that begins with https://")


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hex digits. Raises DataError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot read {path} ({error.strerror})") from error


@dataclass(frozen=True)
class _Job:
    """One file to fetch. checked: whether a hash will say if it is the right one, so that it may come in parts."""

    url: str
    partial: Path
    checked: bool
    largest: int
    progress: Progress | None

    @property
    def there(self) -> int:
        """How many bytes of it are here."""
        return self.partial.stat().st_size if self.partial.exists() else 0


class _Broken(Exception):
    """A connection, or an answer, that may be better the next time."""


@contextmanager
def _breaking() -> Iterator[None]:
    """Around what speaks with the server: how that fails becomes _Broken, in the words of the system."""
    try:
        yield
    except DownloadError:
        raise
    except (OSError, http.client.HTTPException) as error:  # URLError and ssl.SSLError are OSErrors
        raise _Broken(str(getattr(error, "reason", "") or error) or type(error).__name__) from error


def _fetch(job: _Job) -> None:
    """The whole file into `partial`, over as many connections as it takes, up to a bound."""
    reason = ""
    for attempt in range(CONNECTIONS):
        time.sleep(PAUSE * attempt)
        if not job.checked:
            job.partial.unlink(missing_ok=True)  # the parts of two files would pass for one
        try:
            return _go_on(job)
        except _Broken as error:
            reason = str(error)
    if not job.checked:
        job.partial.unlink(missing_ok=True)
        raise DownloadError(f"{job.url}: the download broke off, {reason}; nothing is kept, for no hash is known")
    raise DownloadError(
        f"{job.url}: the download broke off, {reason}; {job.there:,} bytes are kept. Run it again to go on from there"
    )


def _go_on(job: _Job) -> None:
    """One connection: from the end of `partial` to the end of the file. Raises _Broken where that fails."""
    there = job.there
    with _open(job.url, there) as answer:
        if answer.status == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and there:
            if answer.headers.get("Content-Range") == f"bytes */{there}":
                return  # it was whole
            job.partial.unlink()
            raise _Broken("the part that was there belongs to another file")
        _check_status(job.url, answer)
        start, total = _extent(answer, there)
        if total is None and not job.checked:
            raise DownloadError(
                f"{job.url}: the server does not say how long the file is, and no hash is known that would tell "
                f"whether it is whole; fetch it by hand and give it with --from FILE"
            )
        _check_size(job, start, total)
        end = _write(job, answer, start, total)
    if total is not None and end < total:
        raise _Broken(f"{end:,} of {total:,} bytes came")
    if end > job.largest:
        job.partial.unlink()
        _check_size(job, start, end)


def _open(url: str, there: int) -> Answer:
    """What the server answers to the wish for the bytes from `there` on, be it a refusal."""
    headers = {"User-Agent": f"vitruvian/{__version__}", "Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    with _breaking():
        try:
            return build_opener(_SafeRedirects).open(Request(url, headers=headers), timeout=TIMEOUT)
        except HTTPError as error:
            return error  # which is an answer, too
        except (ValueError, http.client.InvalidURL) as error:
            raise DownloadError(f"{url} is, or leads to, an address that cannot be read ({error})") from error


def _check_status(url: str, answer: Answer) -> None:
    """Raises _Broken where the server itself is in trouble, DownloadError where it refuses."""
    status = answer.status or 0
    said = f"the server answers {status} {answer.reason}"
    if status >= http.client.INTERNAL_SERVER_ERROR:
        raise _Broken(said)
    if status >= http.client.MULTIPLE_CHOICES:
        raise DownloadError(f"{url}: {said}; if the file has moved, fetch it by hand and give it with --from FILE")


class _SafeRedirects(HTTPRedirectHandler):
    """Follows redirections, but not away from HTTPS."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> Any:
        check_url(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _extent(answer: Answer, there: int) -> tuple[int, int | None]:
    """Where the bytes of an answer begin, and how many the file has in all, if that is said."""
    part = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if answer.status == http.client.PARTIAL_CONTENT and part and int(part[1]) == there:
        return there, None if part[2] == "*" else int(part[2])
    if answer.status != http.client.OK:
        raise _Broken(f"the server answers {answer.status} with bytes that were not asked for")
    length = answer.headers.get("Content-Length")
    return 0, int(length) if length and length.isdecimal() else None


def _check_size(job: _Job, start: int, total: int | None) -> None:
    """Raises DownloadError for a file over the bound, DataError for one that the disk has no room for."""
    if total is None:
        return
    if total > job.largest:
        raise DownloadError(
            f"{job.url} has {total:,} bytes, more than the {job.largest:,} that are taken; nothing was kept"
        )
    folder = job.partial.parent
    free = shutil.disk_usage(folder).free
    if total - start > free:
        raise DataError(
            f"{job.url} needs {total - start:,} bytes more, {folder} has room for {free:,}; make room, or set "
            f"{VARIABLE} to another place"
        )


def _write(job: _Job, answer: Answer, start: int, total: int | None) -> int:
    """The bytes of an answer into `partial` from `start` on; the size that it then has, at most a chunk too many."""
    try:
        file = job.partial.open("ab" if start else "wb")
    except OSError as error:
        raise DataError(f"cannot write {job.partial} ({error.strerror}); set {VARIABLE} to another place") from error
    with file:
        end = start
        while end <= job.largest and (chunk := _read(answer)):
            try:
                file.write(chunk)
                file.flush()
            except OSError as error:
                job.partial.unlink(missing_ok=True)
                raise DataError(
                    f"cannot write {job.partial} ({error.strerror}); what was there is deleted. Make room, or set "
                    f"{VARIABLE} to another place"
                ) from error
            end += len(chunk)
            if job.progress:
                job.progress(end, total)
    return end


def _read(answer: Answer) -> bytes:
    """The next bytes of an answer, none at its end."""
    with _breaking():
        return answer.read(CHUNK)
