"""The little of HTTP a storefront needs, and the server that speaks it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import attrs

_log = logging.getLogger(__name__)


@attrs.frozen(kw_only=True)
class Request:
    """One question. ``query`` holds the last value of each name."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]

    def page(self, name: str = "page") -> int:
        """Return the page asked for, counted from 1; anything odd is the first."""
        asked = self.query.get(name, "1")
        return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1  # noqa: PLR2004 (pages)


@attrs.frozen(kw_only=True)
class Response:
    """One answer. ``chunk_seconds`` above 0 delivers the body in pieces with that pause between them."""

    body: bytes
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    chunk_seconds: float = 0.0


def html(text: str, status: int = 200) -> Response:
    """Answer with a page."""
    return Response(body=text.encode(), status=status)


def as_json(value: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body=body, status=status, media_type="application/json; charset=utf-8")


Answer = Callable[[Request], Response]
PIECES = 8


class Server:
    """Serves one marketplace on a port of 127.0.0.1 in a thread of its own.

    Args:
        answer: called for every request, from several threads at once.
        port: 0 for any free one.
    """

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self._stopping = threading.Event()
        self._http = _Listener(("127.0.0.1", port), _handler(answer, self._stopping))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; an answer being delivered slowly is cut off."""
        self._stopping.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who hangs up is no error of ours; anything else is worth a traceback."""
        _log.debug("request %s from %s failed", request, client_address, exc_info=True)


def _handler(answer: Answer, stopping: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each small answer waits 40 ms for the one before
        wbufsize = -1  # head and body leave together
        timeout = 30
        server_version = "Shop"
        sys_version = ""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                response = answer(Request(path=unquote(parts.path), query=query, headers=headers))
            except Exception:  # noqa: BLE001 (a page that breaks must not close the shop)
                _log.exception("the sandbox could not answer %s", self.path)
                response = html("<!doctype html><title>500</title><p>Internal error", 500)
            self._send(response)

        do_HEAD = do_GET  # noqa: N815 (the standard library's name)

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            self.send_header("Content-Type", response.media_type)
            self.send_header("Content-Length", str(len(response.body)))
            for name, value in response.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            if not response.chunk_seconds:
                self.wfile.write(response.body)
                return
            size = max(1, len(response.body) // PIECES)
            for start in range(0, len(response.body), size):
                self.wfile.write(response.body[start : start + size])
                self.wfile.flush()
                if stopping.wait(response.chunk_seconds):
                    self.close_connection = True
                    return

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the standard library's name)
            _log.debug(format, *args)

    return Handler
