"""Pictures no shop should have: too large, broken, disguised, moving, or made to burst whoever opens them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from functools import cache

import attrs
from PIL import Image

from sandbox.behaviours import Proceed
from sandbox.http import Request, Response

SIDE = 12_000  # pixels of the bomb: 144 million of them in 18 kB of file
HEAVY = 21 * 1024 * 1024  # bytes


def _saved(form: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(out, form, **options)
    return out.getvalue()


def _moving(form: str) -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=80)
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _png(width: int, height: int, pixels: bytes, *between: bytes) -> bytes:
    """Write a PNG of one bit a pixel from its packed pixels."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    parts = [_chunk(b"IHDR", head), *between, _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _bomb() -> bytes:
    row = bytes(1 + SIDE // 8)
    squeeze = zlib.compressobj(9)
    return _png(SIDE, SIDE, b"".join([*(squeeze.compress(row) for _ in range(SIDE)), squeeze.flush()]))


def _text_bomb() -> bytes:
    """Eight pixels, and a comment of 64 MiB packed into 64 kB."""
    comment = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1 << 26), 9))
    return _png(8, 1, zlib.compress(bytes(2)), comment)


PICTURES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bomb": ("image/png", _bomb),
    "text bomb": ("image/png", _text_bomb),
    "heavy": ("image/jpeg", lambda: _saved("JPEG") + bytes(HEAVY)),
    "truncated": ("image/jpeg", lambda: _saved("JPEG")[:-60]),
    "empty": ("image/jpeg", bytes),
    "page": ("image/jpeg", lambda: b"<!doctype html><title>Sign in</title>"),
    "svg": ("image/svg+xml", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script/></svg>'),
    "moving gif": ("image/gif", lambda: _moving("GIF")),
    "moving webp": ("image/webp", lambda: _moving("WEBP")),
    "avif": ("image/avif", lambda: _saved("AVIF")),
    "bmp": ("image/bmp", lambda: _saved("BMP")),
    "disguised": ("image/jpeg", lambda: _saved("PNG")),  # a PNG that says it is a JPEG
}


@cache
def bad_picture(name: str) -> bytes:
    """Return the bytes of one of the `PICTURES`."""
    return PICTURES[name][1]()


@attrs.frozen
class Pictured:
    """Every picture is one of the `PICTURES`."""

    name: str

    def __call__(self, request: Request, proceed: Proceed) -> Response:
        """Show that picture."""
        if not request.path.startswith("/img/"):
            return proceed(request)
        return Response(body=bad_picture(self.name), media_type=PICTURES[self.name][0])
