"""How a marketplace misbehaves when a test tells it to. A behaviour sees the request first and may answer instead."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

import attrs

from sandbox.http import Request, Response, html

Proceed = Callable[[Request], Response]


class Behaviour(Protocol):
    """Answer the request, or let the shop do so by calling ``proceed``."""

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Answer one request."""


def _spared(request: Request) -> bool:
    """robots.txt is answered as ever: a crawler must be able to read it before anything else."""
    return request.path == "/robots.txt"


@attrs.define
class RateLimited:
    """Too many requests: 429 with Retry-After for the next ``times`` requests, then as ever (0: always)."""

    retry_after: int = 1
    times: int = 0
    _answered: int = attrs.field(default=0, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Refuse while the limit holds."""
        if _spared(request):
            return proceed(request)
        with self._lock:
            if self.times and self._answered >= self.times:
                return proceed(request)
            self._answered += 1
        return Response(
            body=b"Too many requests",
            status=429,
            media_type="text/plain; charset=utf-8",
            headers=(("Retry-After", str(self.retry_after)),),
        )


WALLS = {
    "block": (403, "Access to this page has been denied", "<h1>Pardon our interruption</h1><p>Reference 0.sandbox.403"),
    "captcha": (
        200,
        "Robot check",
        '<form action="/verify"><p>Please verify you are a human<div class="captcha-box"></div></form>',
    ),
    "login": (
        200,
        "Sign in to continue",
        '<form id="signin-wall" action="/signin"><input name="user"><input type="password"><p>Members only</form>',
    ),
}


@attrs.frozen
class Walled:
    """Every page is a wall of one of the `WALLS`: ``block`` (403), ``captcha`` or ``login`` (both answer 200)."""

    wall: str = "block"

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Show the wall."""
        if _spared(request):
            return proceed(request)
        status, title, body = WALLS[self.wall]
        return html(f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>", status)


@attrs.frozen
class Slow:
    """Answers trickle: an eighth of the bytes every ``seconds``."""

    seconds: float

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Slow the shop's answer down."""
        return attrs.evolve(proceed(request), chunk_seconds=self.seconds)
