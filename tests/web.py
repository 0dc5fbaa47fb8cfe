"""A web server on this machine, for downloads, that can be told to misbehave."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server gives, and what it was asked.

    files:     by path, such as "/a.pth". moved: path -> address it redirects to.
    break_at:  connections end after so many bytes of the file, though more were announced; None: never.
    ranges:    whether it answers with the part that is asked for; lengths: whether it says how long a file is.
    stall_at:  connections wait there for `go_on`, for ever if need be; None: never.
    refusals:  status codes that the next requests get instead, one each.
    asked:     (path, the Range header or "") of every request so far.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    break_at: int | None = None
    stall_at: int | None = None
    go_on: threading.Event = field(default_factory=threading.Event)
    ranges: bool = True
    lengths: bool = True
    refusals: list[int] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return self.address + path


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Site]:
    """A server of these files until the end of the block."""
    site = Site(files=dict(files))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, site)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            site.go_on.set()
            server.shutdown()
            thread.join()


def answer(request: BaseHTTPRequestHandler, site: Site) -> None:
    """Answer one GET."""
    wanted = request.headers.get("Range", "")
    site.asked.append((request.path, wanted))
    if site.refusals:
        request.send_error(site.refusals.pop(0))
        return
    if request.path in site.moved:
        request.send_response(302)
        request.send_header("Location", site.moved[request.path])
        request.end_headers()
        return
    content = site.files.get(request.path)
    if content is None:
        request.send_error(404)
        return
    start = 0
    if site.ranges and (match := re.fullmatch(r"bytes=(\d+)-", wanted)):
        start = int(match[1])
        if start >= len(content):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(content)}")
            request.end_headers()
            return
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    if site.lengths:
        request.send_header("Content-Length", str(len(content) - start))
    request.end_headers()
    end = len(content) if site.break_at is None else min(site.break_at, len(content))
    with suppress(ConnectionError):  # the other side may be gone
        if site.stall_at is not None:
            request.wfile.write(content[start : site.stall_at])
            site.go_on.wait()
            start = site.stall_at
        request.wfile.write(content[start:end])
