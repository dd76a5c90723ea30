"""Stored pictures for the screen: the bytes themselves, or a smaller copy drawn anew from them."""

from __future__ import annotations

import io
import logging

from django.conf import settings
from django.http import Http404, HttpResponse

from evidence.keeping import keep
from evidence.pictures import BadPicture, decode, inspect
from evidence.store import DamagedContent, NoSuchContent, Store

logger = logging.getLogger(__name__)

SIZES = {"thumb": 160, "view": 1000}  # longest side in pixels
_QUALITY = 85


def stored(sha256: str) -> bytes:
    """Return the bytes of a stored picture. Raises `Http404` when they are missing or damaged."""
    try:
        return Store(settings.EVIDENCE_DIR).get(sha256)
    except NoSuchContent as error:
        raise Http404(str(error)) from None
    except DamagedContent as error:
        logger.error("%s", error)  # noqa: TRY400 (the trace says nothing, the hash says all)
        raise Http404(str(error)) from None


def smaller(sha256: str, size: str) -> bytes:
    """Return a JPEG copy within `SIZES`, kept below ``JIKIMI_HOME/thumbs``.

    Raises:
        Http404: no such size, nothing stored, or not a picture we can read.
    """
    if size not in SIZES:
        raise Http404(size)
    cached = settings.HOME / "thumbs" / size / sha256[:2] / f"{sha256}.jpg"
    try:
        return cached.read_bytes()
    except FileNotFoundError:
        pass
    try:
        picture = decode(stored(sha256))
    except BadPicture as error:
        raise Http404(str(error)) from None
    picture.thumbnail((SIZES[size], SIZES[size]))
    drawn = io.BytesIO()
    picture.save(drawn, "JPEG", quality=_QUALITY)
    keep(cached, drawn.getvalue())
    return drawn.getvalue()


def respond(sha256: str, size: str = "") -> HttpResponse:
    """Answer with a stored picture: the original when ``size`` is empty, else a smaller copy.

    The bytes come from strangers: their kind is told by looking at them, the browser may not guess another, and opened
    on its own the answer may run nothing.
    """
    if size:
        data, kind = smaller(sha256, size), "image/jpeg"
    else:
        data = stored(sha256)
        try:
            kind = inspect(data).media_type
        except BadPicture as error:
            raise Http404(str(error)) from None
    name = f"{sha256[:16]}{'-' + size if size else ''}.{kind.partition('/')[2]}"
    return HttpResponse(
        data,
        content_type=kind,
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, max-age=86400, immutable",
        },
    )
