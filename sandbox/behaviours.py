"""How a marketplace misbehaves when a test tells it to. A behaviour sees the request first and may answer instead.

Behaviours add up, and `At` keeps one to some of the pages: ``At(r"/itm/.*", Walled("login"))``. Pictures that misbehave
are in `sandbox.bad_pictures`.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
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


@attrs.frozen
class At:
    """Another behaviour, for the pages whose whole path fits a pattern only; robots.txt is one of them."""

    pattern: str
    behaviour: Behaviour

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Pass the request to the behaviour or by it."""
        return self.behaviour(request, proceed) if re.fullmatch(self.pattern, request.path) else proceed(request)


@attrs.frozen
class Answers:
    """One and the same answer to everything: robots.txt with rules of its own, an error page, a redirect."""

    body: bytes = b""
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Give the answer."""
        del request, proceed
        return Response(body=self.body, status=self.status, media_type=self.media_type, headers=self.headers)


def redirect(address: str) -> Answers:
    """Send every visitor to another address."""
    return Answers(status=302, headers=(("Location", address),))


@attrs.define
class RateLimited:
    """Too many requests: 429 with Retry-After for the next ``times`` requests, then as ever (0: always).

    ``status`` 503 is how other shops say it.
    """

    retry_after: int = 1
    times: int = 0
    status: int = 429
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
            body=HTTPStatus(self.status).phrase.encode(),
            status=self.status,
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
    "consent": (
        200,
        "Before you continue",
        (
            "<h1>Before you continue</h1><p>We and our 743 partners store information on your device. You may look at "
            "our offers as soon as you have decided what may be done with it; you can change it at any time below."
            '<form action="/consent" method="post"><button>Reject all</button><button>Accept all</button></form>'
        ),
    ),
    "shell": (200, "Shop", '<div id="app"></div><script src="/static/app.js"></script>'),
}


@attrs.frozen
class Walled:
    """Every page is one of the `WALLS`; ``block`` answers 403, the others 200."""

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


def _anew(request: Request, proceed: Proceed) -> Response:
    """Let the shop answer without validators, which would speak of the page as it was."""
    asked = {name: value for name, value in request.headers.items() if name != "if-none-match"}
    answer = proceed(attrs.evolve(request, headers=asked))
    return attrs.evolve(answer, headers=tuple(pair for pair in answer.headers if pair[0] != "ETag"))


NOWHERE = (
    "<!doctype html><html><head><title>Page not found</title></head><body><h1>Sorry</h1><p>The page you look for was "
    "not found. It may have moved, or the address may have been mistyped. Here is what others look at these days, "
    "and our search helps with the rest.</body></html>"
)


@attrs.frozen
class NotFound:
    """What is not there is told in words alone: the status is 200 (a soft 404)."""

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Say so."""
        return proceed(request) if _spared(request) else html(NOWHERE)


@attrs.frozen
class Endless:
    """Result pages without end: every page after the first has the first one's offers again under numbers never seen.

    The numbers end with the page's own, so that the offers' own pages are found again.

    Args:
        name: how the query calls the page.
        digits: how many digits the shop's own numbers have.
    """

    name: str = "page"
    digits: int = 12

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Make up a page, or show the offer behind a number that was made up."""
        made_up = re.search(rf"\d{{{self.digits}}}(\d{{5}})(?!\d)", request.path)
        if made_up:
            path = request.path.replace(made_up.group(), made_up.group()[: self.digits])
            return self._renumbered(_anew(attrs.evolve(request, path=path), proceed), made_up.group(1))
        page = request.page(self.name)
        if self.name not in request.query:
            return proceed(request)
        answer = _anew(attrs.evolve(request, query={**request.query, self.name: "1"}), proceed)
        answer = self._renumbered(answer, f"{page:05}") if page > 1 else answer
        following = f"{self.name}={page + 1}".encode()
        return attrs.evolve(answer, body=re.sub(rf"\b{self.name}=2\b".encode(), following, answer.body))

    def _renumbered(self, answer: Response, ending: str) -> Response:
        number = rf"(?<![0-9a-f])(\d{{{self.digits}}})(?![0-9a-f])".encode()
        return attrs.evolve(answer, body=re.sub(number, rf"\g<1>{ending}".encode(), answer.body))


@attrs.define
class RedirectLoop:
    """Every page sends the visitor on to itself, with one more in the query, for ever."""

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Send the visitor on."""
        if _spared(request):
            return proceed(request)
        return redirect(f"{request.path}?hop={request.page('hop') + 1}")(request, proceed)


@attrs.frozen
class Relaid:
    """The layout has changed overnight: words of the markup, such as keys and class names, are others now."""

    words: Mapping[str, str]

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Put the new words into the shop's answer."""
        answer = _anew(request, proceed)
        if answer.media_type.startswith("image/") or _spared(request):
            return answer
        body = answer.body
        for old, new in self.words.items():
            body = body.replace(old.encode(), new.encode())
        return attrs.evolve(answer, body=body)


@attrs.frozen
class Swollen:
    """Pages of ``size`` bytes; ``packed``: in a gzip coding a thousandth as large, which grows when it is unpacked."""

    size: int
    packed: bool = False

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Blow the shop's answer up."""
        answer = _anew(request, proceed)
        if _spared(request) or answer.media_type.startswith("image/"):
            return answer
        body = answer.body + b" " * max(0, self.size - len(answer.body))
        if not self.packed:
            return attrs.evolve(answer, body=body)
        headers = (*answer.headers, ("Content-Encoding", "gzip"))
        return attrs.evolve(answer, body=gzip.compress(body, 9), headers=headers)
