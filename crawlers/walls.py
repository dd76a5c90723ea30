"""Telling a wall or a tombstone from a shop's page, before anything is read from it."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import Annotated

import attrs
from pydantic import Field
from web_poet import HttpResponse

from contracts.config import CONFIG_DIR, Strict, load
from contracts.market import BlockSignature, Manifest, RemovedSignature

_TITLE = re.compile(r"<title[^<>]{0,500}>(.*?)(?:</title>|$)", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(
    r"<(script|style|noscript|template|svg)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[^<>]*>")
_SHELL_BYTES = 200_000
_SHELL_CHARACTERS = 160


class Wall(Strict):
    """One signature of ``config/walls.toml``; all given parts must hold."""

    name: str
    status: tuple[int, ...] = ()
    header: str = ""
    title: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    under_bytes: Annotated[int, Field(gt=0)] | None = None
    weak: bool = False

    @property
    def is_weak(self) -> bool:
        """Tell whether a shop's page may hold it too: "Peugeot 404" is for sale, and shops load captcha scripts."""
        return self.weak or (bool(self.title) and not (self.any or self.body or self.header or self.status))


class Walls(Strict):
    """The file ``config/walls.toml``."""

    wall: tuple[Wall, ...]
    tombstone: tuple[Wall, ...] = ()


@cache
def _signatures() -> Walls:
    return load(CONFIG_DIR / "walls.toml", Walls)


@cache
def walls() -> tuple[Wall, ...]:
    """Return the walls of ``config/walls.toml`` in their order, texts in lower case."""
    return tuple(map(_lowered, _signatures().wall))


@cache
def tombstones() -> tuple[Wall, ...]:
    """Return the tombstones of ``config/walls.toml`` in their order, texts in lower case."""
    return tuple(map(_lowered, _signatures().tombstone))


def _lowered(wall: Wall) -> Wall:
    texts = {name: tuple(text.lower() for text in getattr(wall, name)) for name in ("title", "body", "any")}
    return wall.model_copy(update=texts)


@attrs.frozen
class Sight:
    """What the signatures look at: the answer with its text in lower case, brought to one form once."""

    response: HttpResponse
    lowered: str
    title: str

    @classmethod
    def of(cls, response: HttpResponse, text: str) -> Sight:
        """Prepare ``response``, whose decoded text is ``text``."""
        found = _TITLE.search(text[:200_000])
        title = " ".join(unescape(found.group(1)).split()).lower() if found else ""
        return cls(response, text.lower(), title)

    @property
    def size(self) -> int:
        """Length of the body in bytes."""
        return len(self.response.body)

    def url_contains(self, part: str) -> bool:
        """Tell whether the address has ``part``."""
        return part.lower() in str(self.response.url).lower()

    def has_header(self, wanted: str) -> bool:
        """Tell whether a header is there; ``name: value`` also looks into the value."""
        name, _, value = wanted.partition(":")
        given = self.response.headers.get(name.strip())
        return given is not None and value.strip().lower() in given.lower()


def find_block(sight: Sight, manifest: Manifest | None) -> str | None:
    """Return the name of the wall the page is, or None. The marketplace's own signatures come first."""
    for signature in manifest.blocked if manifest else ():
        if _holds(signature, sight) and (signature.header is None or sight.has_header(signature.header)):
            return signature.name
    return next((wall.name for wall in walls() if not wall.is_weak and _stands(wall, sight)), None)


def find_weak_block(sight: Sight) -> str | None:
    """Return the wall the page may be; asked only where no page object finds a listing."""
    return next((wall.name for wall in walls() if wall.is_weak and _stands(wall, sight)), None)


def find_weak_removal(sight: Sight) -> str | None:
    """Return the tombstone the page may be; asked only where no page object finds a listing."""
    return next((tombstone.name for tombstone in tombstones() if _stands(tombstone, sight)), None)


def find_removal(sight: Sight, manifest: Manifest | None) -> str | None:
    """Return how the page says that the listing is gone, or None."""
    for signature in manifest.removed if manifest else ():
        if _holds(signature, sight):
            return signature.name
    if sight.response.status in {404, 410}:
        return f"HTTP {sight.response.status}"
    return None


def is_shell(sight: Sight) -> bool:
    """Tell whether the page is an empty frame that script in a browser would have filled."""
    if sight.size > _SHELL_BYTES or "<script" not in sight.lowered or "<body" not in sight.lowered:
        return False
    body = sight.lowered[sight.lowered.index("<body") :]
    words = "".join(_TAG.sub(" ", _UNSEEN.sub(" ", body)).split())
    return len(words) < _SHELL_CHARACTERS


def _holds(signature: BlockSignature | RemovedSignature, sight: Sight) -> bool:
    if signature.status is not None and signature.status != sight.response.status:
        return False
    if signature.url_contains is not None and not sight.url_contains(signature.url_contains):
        return False
    if signature.under_bytes is not None and sight.size >= signature.under_bytes:
        return False
    return all(part.lower() in sight.lowered for part in signature.body_contains)


def _stands(wall: Wall, sight: Sight) -> bool:
    if wall.under_bytes is not None and sight.size >= wall.under_bytes:
        return False
    if wall.status and sight.response.status not in wall.status:
        return False
    if wall.header and not sight.has_header(wall.header):
        return False
    if wall.title and not any(word in sight.title for word in wall.title):
        return False
    if wall.any and not any(part in sight.lowered for part in wall.any):
        return False
    return all(part in sight.lowered for part in wall.body)
