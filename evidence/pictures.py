"""Pictures from hostile hands: looked at from their header, limited, and only then decoded."""

from __future__ import annotations

import io
import warnings

import attrs
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from contracts.errors import JikimiError

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")


class BadPicture(JikimiError):
    """Bytes that are no picture we take; the message says why in plain words."""


@attrs.frozen(kw_only=True)
class PictureInfo:
    """What the header of a picture says. Sizes in pixels."""

    media_type: str
    width: int
    height: int


def inspect(data: bytes) -> PictureInfo:
    """Read a picture's header without decoding it.

    Raises:
        BadPicture: too many bytes, not a picture, a format we do not take, or larger than the limits.
    """
    if len(data) > MAX_BYTES:
        raise BadPicture(f"{len(data):,} bytes: more than the limit of {MAX_BYTES:,}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of bombs; we refuse them below
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                kind, (width, height) = picture.format or "", picture.size
    except Image.DecompressionBombError as error:
        raise BadPicture(f"larger than {MAX_PIXELS:,} pixels: {error}") from None
    except UnidentifiedImageError:
        raise BadPicture("not a picture we can read: " + (f"begins with {data[:8]!r}" if data else "empty")) from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise BadPicture(f"not a picture we can read: {str(error)[:120]}") from None
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise BadPicture(f"{width} x {height} pixels: more than the limit of {MAX_PIXELS:,} pixels, {MAX_SIDE} a side")
    if width == 0 or height == 0:
        raise BadPicture(f"{width} x {height} pixels: empty")
    return PictureInfo(media_type=Image.MIME[kind], width=width, height=height)


def decode(data: bytes, *, behind: str = "white") -> Image.Image:
    """Decode the first frame to 8-bit RGB, transparency flattened on ``behind``, EXIF orientation applied.

    Raises:
        BadPicture: as `inspect`, or the pixels are broken.
    """
    inspect(data)
    # Importing WeasyPrint switches Pillow to guessing the rest of truncated pictures; evidence is never guessed.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                picture.seek(0)
                upright = ImageOps.exif_transpose(picture)
                if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
                    upright = upright.point(lambda value: value / 257).convert("L")
                if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                    rgba = upright.convert("RGBA")
                    flat = Image.new("RGBA", rgba.size, behind)
                    flat.alpha_composite(rgba)
                    return flat.convert("RGB")
                return upright.convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise BadPicture(f"broken picture: {str(error)[:120]}") from None
