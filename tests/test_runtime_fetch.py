"""Downloads: resumed, bounded, and checked before they get their name."""

import hashlib
import http.client
import os
import shutil
import ssl
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.web import Site, serving
from vitruvian.errors import DataError, DownloadError, WeightsError
from vitruvian.runtime import download, file_sha256

CONTENT = np.random.default_rng(0).integers(0, 256, 3_000_000, np.uint8).tobytes()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.modules["vitruvian.runtime.fetch"], "PAUSE", 0.0)
    with serving({"/a.pth": CONTENT}) as site:
        yield site


def left(folder: Path) -> dict[str, int]:
    """The files of a folder and their sizes."""
    return {path.name: path.stat().st_size for path in folder.iterdir()}


def test_a_file_comes_whole_with_its_hash(site: Site, tmp_path: Path):
    steps = []
    target = tmp_path / "deep" / "a.pth"
    digest = download(site.url("/a.pth"), target, SHA256[:8], progress=lambda done, total: steps.append((done, total)))
    assert digest == SHA256 == file_sha256(target)
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert steps == sorted(steps)
    assert left(target.parent) == {"a.pth": len(CONTENT)}


def test_what_is_there_and_right_is_not_fetched_again(site: Site, tmp_path: Path):
    (tmp_path / "a.pth").write_bytes(CONTENT)
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256
    assert site.asked == []


def test_what_is_there_and_wrong_is_replaced(site: Site, tmp_path: Path):
    (tmp_path / "a.pth").write_bytes(b"old")
    download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8])
    assert (tmp_path / "a.pth").read_bytes() == CONTENT


def test_another_hash_is_refused_and_nothing_stays(site: Site, tmp_path: Path):
    with pytest.raises(WeightsError, match=rf"SHA-256 {SHA256}; its published hash begins with 12345678\. It was del"):
        download(site.url("/a.pth"), tmp_path / "a.pth", "12345678")
    assert left(tmp_path) == {}


def test_a_broken_download_goes_on_where_it_broke(site: Site, tmp_path: Path):
    (tmp_path / "a.pth.partial").write_bytes(CONTENT[:1000])
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256
    assert site.asked == [("/a.pth", "bytes=1000-")]


def test_a_connection_that_breaks_is_made_again(site: Site, tmp_path: Path):
    site.break_at = 1_000_000
    with pytest.raises(DownloadError, match=r"broke off, 1,000,000 of 3,000,000 bytes came; 1,000,000 bytes are kept"):
        download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8])
    assert [wanted for _, wanted in site.asked] == ["", *["bytes=1000000-"] * 3]
    assert left(tmp_path) == {"a.pth.partial": 1_000_000}
    site.break_at = None
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256


def test_a_server_that_cannot_go_on_begins_again(site: Site, tmp_path: Path):
    site.ranges = False
    (tmp_path / "a.pth.partial").write_bytes(b"x" * 1000)
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256


def test_the_start_of_another_file_is_thrown_away(site: Site, tmp_path: Path):
    (tmp_path / "a.pth.partial").write_bytes(b"x" * 1000)
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256
    assert [wanted for _, wanted in site.asked] == ["bytes=1000-", ""]


@pytest.mark.parametrize("partial", [CONTENT, CONTENT + b"more"])
def test_a_part_that_is_not_shorter_than_the_file(site: Site, tmp_path: Path, partial: bytes):
    """Killed after the last byte, before the file got its name; or of a longer file."""
    (tmp_path / "a.pth.partial").write_bytes(partial)
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256
    assert left(tmp_path) == {"a.pth": len(CONTENT)}


def test_a_missing_file_is_a_sentence(site: Site, tmp_path: Path):
    with pytest.raises(DownloadError, match=r"/b\.pth: the server answers 404 Not Found; if the file has moved"):
        download(site.url("/b.pth"), tmp_path / "b.pth")
    assert left(tmp_path) == {}


def test_no_server_is_a_sentence(site: Site, tmp_path: Path):
    with pytest.raises(DownloadError, match=r"the download broke off, .*refused"):
        download("http://127.0.0.1:9/a.pth", tmp_path / "a.pth")


@pytest.mark.parametrize("code", [500, 502, 503])
def test_a_server_in_trouble_is_asked_again(site: Site, tmp_path: Path, code: int):
    site.refusals = [code, code]
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256
    assert len(site.asked) == 3
    site.refusals = [code] * 4
    with pytest.raises(DownloadError, match=rf"the download broke off, the server answers {code} .*; 0 bytes are kept"):
        download(site.url("/a.pth"), tmp_path / "b.pth", SHA256[:8])


def test_a_range_refused_that_was_not_asked_for_is_a_sentence(site: Site, tmp_path: Path):
    site.refusals = [416]
    with pytest.raises(DownloadError, match=r"/a\.pth: the server answers 416 "):
        download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8])
    assert left(tmp_path) == {}


@pytest.mark.parametrize("error", [ssl.SSLError(1, "bad record"), OSError(113, "No route to host"), TimeoutError()])
def test_however_the_reading_fails_the_connection_is_made_again(site: Site, tmp_path: Path, monkeypatch, error):
    """The first chunk is read, the second fails, on every connection but the last."""
    read, calls = http.client.HTTPResponse.read, []

    def failing(answer: http.client.HTTPResponse, size: int | None = None) -> bytes:
        calls.append(size)
        if len(calls) % 2 == 0 and len(calls) <= limit:
            raise error
        return read(answer, size)

    monkeypatch.setattr(http.client.HTTPResponse, "read", failing)
    limit = 2
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256
    calls.clear()
    limit = 2 * len(CONTENT)
    site.files["/b.pth"] = CONTENT * 2
    with pytest.raises(
        DownloadError, match=r"the download broke off, (.*bad record|.*No route|TimeoutError).* are kept"
    ):
        download(site.url("/b.pth"), tmp_path / "b.pth", SHA256[:8])


def test_without_a_hash_nothing_that_is_there_is_used(site: Site, tmp_path: Path):
    (tmp_path / "a.pth").write_bytes(b"of another file")
    (tmp_path / "a.pth.partial").write_bytes(b"x" * 1000)
    assert download(site.url("/a.pth"), tmp_path / "a.pth") == SHA256
    assert site.asked == [("/a.pth", "")]
    site.break_at = 1_000_000
    with pytest.raises(
        DownloadError, match=r"1,000,000 of 3,000,000 bytes came; nothing is kept, for no hash is known"
    ):
        download(site.url("/a.pth"), tmp_path / "b.pth")
    assert {wanted for _, wanted in site.asked} == {""}
    assert left(tmp_path) == {"a.pth": len(CONTENT)}


def test_without_a_hash_and_a_length_nothing_tells_whether_a_file_is_whole(site: Site, tmp_path: Path):
    site.lengths = False
    with pytest.raises(DownloadError, match=r"does not say how long the file is, and no hash is known"):
        download(site.url("/a.pth"), tmp_path / "a.pth")
    assert left(tmp_path) == {}


@pytest.mark.parametrize("lengths", [True, False])
def test_a_file_over_the_bound_is_refused(site: Site, tmp_path: Path, lengths: bool):
    site.lengths = lengths
    with pytest.raises(DownloadError, match=r"bytes, more than the 1,000,000 that are taken; nothing was kept"):
        download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8], largest=1_000_000)
    assert left(tmp_path) == {}


def test_a_file_without_a_length_comes_whole(site: Site, tmp_path: Path):
    site.lengths = False
    assert download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8]) == SHA256


@pytest.mark.parametrize(
    "url", ["http://example.org/a.pth", "ftp://localhost/a.pth", "file:///etc/hosts", "https:///a", "a.pth"]
)
def test_other_ways_than_https_are_refused(tmp_path: Path, url: str):
    with pytest.raises(DownloadError, match=r"refused to download from .*; expected an address that begins with https"):
        download(url, tmp_path / "a.pth")


def test_a_redirection_is_followed_but_not_away_from_https(site: Site, tmp_path: Path):
    site.moved = {"/old": site.url("/a.pth"), "/away": "http://example.org/a.pth", "/inside": "file:///etc/hosts"}
    assert download(site.url("/old"), tmp_path / "a.pth", SHA256[:8]) == SHA256
    with pytest.raises(DownloadError, match=r"refused to download from http://example\.org/a\.pth"):
        download(site.url("/away"), tmp_path / "b.pth")
    with pytest.raises(DownloadError, match=r"302 Found|refused"):
        download(site.url("/inside"), tmp_path / "c.pth")
    site.moved = {"/half": "http://[::1/a.pth", "/port": "http://localhost:port/a.pth"}
    for path in site.moved:
        with pytest.raises(DownloadError, match=r"is, or leads to, an address that cannot be read"):
            download(site.url(path), tmp_path / "d.pth")
    assert left(tmp_path) == {"a.pth": len(CONTENT)}


def test_a_disk_without_room_is_seen_before_the_download(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(DataError, match=r"needs 3,000,000 bytes more, .* has room for 1,000; make room, or set VITRUV"):
        download(site.url("/a.pth"), tmp_path / "a.pth")
    assert left(tmp_path) == {}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_is_full_leaves_nothing(site: Site, tmp_path: Path):
    (tmp_path / "a.pth.partial").symlink_to("/dev/full")
    with pytest.raises(DataError, match=r"cannot write .*partial \(No space left on device\); what was there is del"):
        download(site.url("/a.pth"), tmp_path / "a.pth", SHA256[:8])
    assert left(tmp_path) == {}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="folders are writable for everybody")
def test_a_folder_that_cannot_be_made_is_a_sentence(site: Site, tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(DataError, match=r"cannot make the folder .*; set VITRUVIAN_HOME to another place"):
        download(site.url("/a.pth"), tmp_path / "sub" / "a.pth")
