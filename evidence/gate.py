"""The browser's only way out: a small forward proxy on loopback that checks every address at connect time.

A browser resolves names and follows redirects by itself, unseen by request handlers (Playwright's routes are not
called again for a redirect), so the guard stands where connections are made. Plain HTTP is passed on request by
request; everything else (https, wss) goes through a CONNECT tunnel, unread.
"""

from __future__ import annotations

import http.client
import logging
import select
import socket
import socketserver
import threading
from collections.abc import Collection
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from evidence.addresses import AddressRefused, check_url, resolve

logger = logging.getLogger(__name__)

IDLE_SECONDS = 60
MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 4 * 1024 * 1024
CHUNK = 65_536
_HOP_BY_HOP = {"connection", "proxy-connection", "proxy-authorization", "keep-alive", "te", "upgrade", "host"}


class Gate:
    """The proxy, running in threads of its own from entering to leaving the context.

    Args:
        allowed: exact ``host:port`` pairs that may be private.
    """

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self.refused: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.gate = self
        self.allowed = frozenset(allowed)
        self._thread = threading.Thread(target=self._server.serve_forever, name="gate", daemon=True)

    @property
    def address(self) -> str:
        """Return the proxy's address, ``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End; open tunnels die with their browser."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def note(self, refusal: AddressRefused) -> None:
        """Remember what was refused, for the capture's account."""
        logger.warning("%s", refusal)
        if len(self.refused) < 100:  # noqa: PLR2004 (enough for an account; a hostile page asks without end)
            self.refused.append(str(refusal))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    gate: Gate


class _Connection(socketserver.StreamRequestHandler):
    server: _Server
    timeout = IDLE_SECONDS

    def handle(self) -> None:
        """Serve one request or one tunnel, then close."""
        try:
            line = self.rfile.readline(MAX_HEAD_BYTES)
            method, target, _version = line.decode("latin-1").split(" ", 2)
            headers = http.client.parse_headers(self.rfile)
            if method == "CONNECT":
                self._tunnel(target)
            else:
                self._pass_on(method, target, headers)
        except AddressRefused as refusal:
            self.server.gate.note(refusal)
            self._answer(403, "Refused by jikimi's address guard")
        except (ValueError, http.client.HTTPException):
            self._answer(400, "Bad Request")
        except OSError as error:
            self._answer(502, f"Bad Gateway ({type(error).__name__})")

    def _answer(self, status: int, reason: str) -> None:
        try:
            head = f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            self.wfile.write(head.encode("latin-1"))
        except OSError:
            logger.debug("the browser closed its connection before our answer")

    def _connect(self, host: str, port: int) -> socket.socket:
        failure: OSError = OSError("no address")
        for address in resolve(host, port, self.server.gate.allowed):
            try:
                return socket.create_connection((address, port), timeout=IDLE_SECONDS)
            except OSError as error:
                failure = error
        raise failure

    def _tunnel(self, target: str) -> None:
        host, port = check_url(f"https://{target}/", self.server.gate.allowed)
        with self._connect(host, port) as far:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._relay(far)

    def _relay(self, far: socket.socket) -> None:
        near = self.connection
        peers = {near: far, far: near}
        while ready := select.select(list(peers), [], [], IDLE_SECONDS)[0]:
            for source in ready:
                data = source.recv(CHUNK)
                if not data:
                    return
                peers[source].sendall(data)

    def _pass_on(self, method: str, target: str, headers: http.client.HTTPMessage) -> None:
        host, port = check_url(target, self.server.gate.allowed)
        parts = urlsplit(target)
        length = int(headers.get("Content-Length") or 0)
        if "chunked" in headers.get("Transfer-Encoding", "").lower() or not 0 <= length <= MAX_BODY_BYTES:
            self._answer(413, "Content Too Large")
            return
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() not in _HOP_BY_HOP]
        with self._connect(host, port) as far:
            far.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + self.rfile.read(length))
            while data := far.recv(CHUNK):
                self.wfile.write(data)
