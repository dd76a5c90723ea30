"""Pictures by recipe: a recipe costs nothing, its bytes are made when somebody asks and kept while they are warm."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import attrs
from PIL import Image

from sandbox.drawing import draw, on_a_desk
from sandbox.edits import EDITS

SIDE = 480  # pixels of the longer side: enough to recognise goods, small enough for a crawl within a minute
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


@attrs.frozen(kw_only=True)
class Drawn:
    """Goods drawn by us: a shape in colours that follow from ``seed``, with ``words`` on the label.

    ``like`` is a picture whose colours are borrowed: goods that merely look alike.
    """

    shape: str
    seed: str
    words: str = ""
    like: Path | None = None


@attrs.frozen(kw_only=True)
class Photo:
    """How a seller's picture came about: what it shows, whether it was taken at home, what was done to it."""

    source: Path | Drawn
    seed: str
    at_home: bool = False
    edits: tuple[str, ...] = ()
    words: str = ""

    def edited(self, edit: str, words: str = "") -> Photo:
        """Return the recipe with one more edit."""
        return attrs.evolve(self, edits=(*self.edits, edit), words=words or self.words)


@lru_cache(maxsize=96)
def official(path: Path) -> Image.Image:
    """Open a registered picture at our size, transparency on white."""
    with Image.open(path) as picture:
        rgba = picture.convert("RGBA")
    rgba.thumbnail((SIDE, SIDE))
    flat = Image.new("RGB", rgba.size, "white")
    flat.paste(rgba, mask=rgba.getchannel("A"))
    return flat


def _palette(path: Path) -> tuple[tuple[int, int, int], ...]:
    """Return the two most frequent colours that are not the white around the goods."""
    small = official(path).resize((48, 48)).quantize(6).convert("RGB")
    counted = sorted(small.getcolors(48 * 48) or [], reverse=True)
    colours = [colour for _, colour in counted if isinstance(colour, tuple) and min(colour) < 235]  # noqa: PLR2004
    return tuple((*colours, (120, 120, 120), (200, 200, 200))[:2])


def picture(photo: Photo) -> Image.Image:
    """Make the picture of a recipe."""
    source = photo.source
    if isinstance(source, Drawn):
        image = draw(source.shape, source.seed, source.words, _palette(source.like) if source.like else None, SIDE)
    else:
        image = official(source).copy()
    if photo.at_home:
        image = on_a_desk(image, photo.seed)
    for number, edit in enumerate(photo.edits):
        image = EDITS[edit](image, f"{photo.seed}/{number}", photo.words)
    return image


@lru_cache(maxsize=512)
def render(photo: Photo, form: str) -> bytes:
    """Return the picture of a recipe as a file of format ``form`` (JPEG, PNG or WEBP)."""
    stream = io.BytesIO()
    image = picture(photo)
    if form == "JPEG":
        image.save(stream, "JPEG", quality=84)
    elif form == "WEBP":
        image.save(stream, "WEBP", quality=80, method=1)
    else:
        image.quantize(128, method=Image.Quantize.FASTOCTREE).save(stream, "PNG", compress_level=4)
    return stream.getvalue()
