"""What every sample picture is drawn with: colours, motifs, type, labels, light and shadow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = Path("/usr/share/fonts/opentype/noto")  # fonts-noto-cjk, as installed by scripts/setup
SIDE = 600
SCALE = 2  # drawn twice as large, then reduced: smooth edges
FULL = SIDE * SCALE

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]


class Look(NamedTuple):
    """How one brand's pictures look; ``shapes`` by product code."""

    motif: str
    main: Colour
    deep: Colour
    light: Colour
    serif: bool
    shapes: dict[str, str]


def font(size: int, *, bold: bool = True, serif: bool = False) -> ImageFont.FreeTypeFont:
    """Return the Korean face of Noto CJK at ``size`` pixels of the finished picture."""
    name = f"Noto{'Serif' if serif else 'Sans'}CJK-{'Bold' if bold else 'Regular'}.ttc"
    return ImageFont.truetype(str(FONTS / name), size * SCALE, index=1)


def gradient(top: Colour, bottom: Colour, size: tuple[int, int] = (FULL, FULL)) -> Image.Image:
    """Return a vertical gradient."""
    along = np.linspace(0, 1, size[1])[:, None, None]
    rows = np.asarray(top) * (1 - along) + np.asarray(bottom) * along
    return Image.fromarray(np.broadcast_to(rows, (size[1], size[0], 3)).astype(np.uint8))


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return ``one`` with ``share`` of ``other`` in it."""
    red, green, blue = (round(a * (1 - share) + b * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def star(x: float, y: float, radius: float, points: int, inner: float = 0.45) -> list[tuple[float, float]]:
    """Return the corners of a star."""
    angles = np.arange(points * 2) * np.pi / points - np.pi / 2
    reach = np.where(np.arange(points * 2) % 2, radius * inner, radius)
    return list(zip(x + reach * np.cos(angles), y + reach * np.sin(angles), strict=True))


def one_figure(draw: ImageDraw.ImageDraw, motif: str, at: tuple[float, float], r: float, ink: Colour) -> None:  # noqa: C901, PLR0912 (a table of little drawings)
    """Draw one figure of a brand's motif, ``r`` pixels in radius."""
    x, y = at
    match motif:
        case "petals":
            for angle in np.arange(5) * 2 * np.pi / 5:
                px, py = x + r * 0.55 * np.cos(angle), y + r * 0.55 * np.sin(angle)
                draw.ellipse((px - r * 0.4, py - r * 0.4, px + r * 0.4, py + r * 0.4), outline=ink, width=4)
        case "waves":
            for step in range(3):
                top = y - r + step * r * 0.6
                draw.arc((x - r, top, x, top + r), 180, 360, fill=ink, width=5)
                draw.arc((x, top, x + r, top + r), 0, 180, fill=ink, width=5)
        case "stars":
            draw.polygon(star(x, y, r, 4, 0.3), fill=ink)
        case "leaves":
            draw.pieslice((x - r, y - r, x + r * 0.3, y + r), 300, 60, fill=ink)
            draw.line((x - r, y + r, x + r * 0.3, y - r * 0.4), fill=ink, width=4)
        case "flames":
            draw.polygon([(x, y - r), (x + r * 0.7, y + r * 0.4), (x, y + r), (x - r * 0.7, y + r * 0.2)], fill=ink)
            draw.polygon([(x + r * 0.3, y), (x + r, y - r * 0.6), (x + r * 0.8, y + r * 0.8)], fill=ink)
        case "scales":
            for inner in (1.0, 0.7, 0.4):
                draw.arc((x - r * inner, y - r * inner, x + r * inner, y + r * inner), 0, 180, fill=ink, width=5)
        case "pines":
            for level in (0.0, 0.5, 1.0):
                top, half = y - r + level * r * 0.6, r * (0.5 + level * 0.4)
                draw.polygon([(x, top), (x + half, top + r * 0.7), (x - half, top + r * 0.7)], fill=ink)
        case "stripes":
            draw.line((x - r, y + r, x + r, y - r), fill=ink, width=10)
            draw.line((x - r * 0.4, y + r, x + r, y - r * 0.4), fill=ink, width=4)
        case "hearts":
            draw.ellipse((x - r, y - r, x, y), fill=ink)
            draw.ellipse((x, y - r, x + r, y), fill=ink)
            draw.polygon([(x - r * 0.93, y - r * 0.25), (x + r * 0.93, y - r * 0.25), (x, y + r)], fill=ink)
        case "clouds":
            for dx, size in ((-0.6, 0.5), (0.0, 0.7), (0.6, 0.5)):
                draw.ellipse((x + (dx - size) * r, y - size * r, x + (dx + size) * r, y + size * r), fill=ink)
        case "rings":
            for inner in (1.0, 0.65, 0.3):
                draw.ellipse((x - r * inner, y - r * inner, x + r * inner, y + r * inner), outline=ink, width=4)
        case _:  # bolts
            corners = [(0.2, -1), (-0.6, 0.15), (-0.05, 0.15), (-0.3, 1), (0.6, -0.2), (0.05, -0.2)]
            draw.polygon([(x + dx * r, y + dy * r) for dx, dy in corners], fill=ink)


def patterned(look: Look, ground: Colour, ink: Colour, seed: int, *, cell: int = 120) -> Image.Image:
    """Return a full picture of the brand's motif scattered over a gradient: no two seeds alike."""
    dice = np.random.default_rng(seed)
    picture = gradient(mixed(ground, (255, 255, 255), 0.18), mixed(ground, look.deep, 0.2))
    draw = ImageDraw.Draw(picture)
    for row in range(-1, FULL // cell + 1):
        for column in range(-1, FULL // cell + 1):
            x = column * cell + (row % 2) * cell / 2 + dice.uniform(-0.2, 0.2) * cell
            y = row * cell + dice.uniform(-0.2, 0.2) * cell
            tone = mixed(ink, ground, float(dice.uniform(0, 0.55)))
            one_figure(draw, look.motif, (x, y), cell * float(dice.uniform(0.2, 0.4)), tone)
    return picture


def shaded(picture: Image.Image, strength: float = 0.45) -> Image.Image:
    """Darken towards left and right, with a highlight: a round body under a lamp from the left."""
    across = np.linspace(-1, 1, picture.width)
    light = 1 - strength * across**2 + 0.25 * np.exp(-(((across + 0.45) / 0.12) ** 2))
    return Image.fromarray(np.clip(np.asarray(picture) * light[None, :, None], 0, 255).astype(np.uint8))


class Easel:
    """A picture in the making: background, parts laid on it, the finished bytes.

    Coordinates are pixels of the finished 600 x 600 picture.
    """

    def __init__(self, look: Look, seed: int) -> None:
        self.look = look
        self.seed = seed
        self.picture = gradient(look.light, mixed(look.light, look.main, 0.45))
        floor = gradient(mixed(look.main, look.light, 0.5), mixed(look.main, look.deep, 0.3), (FULL, FULL // 4))
        self.picture.paste(floor, (0, FULL - FULL // 4))

    def lay(self, mask_of: Callable[[ImageDraw.ImageDraw], None], stuff: Image.Image) -> None:
        """Lay ``stuff`` (a full picture) on wherever ``mask_of`` paints, with a soft shadow under it."""
        mask = Image.new("L", (FULL, FULL), 0)
        mask_of(ImageDraw.Draw(mask))
        shadow = mask.filter(ImageFilter.GaussianBlur(18)).point(lambda value: value * 0.4)
        self.picture.paste(self.look.deep, (14, 20), shadow)
        self.picture.paste(stuff, (0, 0), mask)

    def body(self, box: Box, radius: int, colour: Colour | None = None, *, pattern: bool = True) -> None:
        """Lay a rounded, shaded box on, patterned with the motif unless told otherwise."""
        colour = colour or self.look.main
        ink = mixed(colour, self.look.light, 0.55)
        stuff = (
            patterned(self.look, colour, ink, self.seed)
            if pattern
            else gradient(colour, mixed(colour, self.look.deep, 0.4))
        )
        left, top, right, bottom = big(box)
        strip = shaded(stuff.crop((left, top, right, bottom)))
        whole = Image.new("RGB", (FULL, FULL))
        whole.paste(strip, (left, top))
        self.lay(lambda draw: draw.rounded_rectangle((left, top, right, bottom), radius * SCALE, fill=255), whole)

    def polygon(self, corners: list[tuple[int, int]], colour: Colour | None = None, *, cell: int = 110) -> None:
        """Lay a patterned polygon on."""
        colour = colour or self.look.main
        stuff = shaded(patterned(self.look, colour, mixed(colour, self.look.light, 0.5), self.seed, cell=cell), 0.3)
        self.lay(lambda draw: draw.polygon([(x * SCALE, y * SCALE) for x, y in corners], fill=255), stuff)

    def ellipse(self, box: Box, colour: Colour, *, pattern: bool = False) -> None:
        """Lay an ellipse on."""
        stuff = gradient(mixed(colour, (255, 255, 255), 0.25), mixed(colour, self.look.deep, 0.25))
        if pattern:
            stuff = patterned(self.look, colour, mixed(colour, self.look.light, 0.4), self.seed, cell=90)
        self.lay(lambda draw: draw.ellipse(big(box), fill=255), stuff)

    def label(self, box: Box, words: Words) -> None:
        """Lay a label on: border, mark in two scripts, name of the product, small print, bar code."""
        left, top, right, bottom = box
        draw = ImageDraw.Draw(self.picture)
        draw.rounded_rectangle(big(box), 10 * SCALE, fill=mixed(self.look.light, (255, 255, 255), 0.6))
        draw.rounded_rectangle(
            big((left + 5, top + 5, right - 5, bottom - 5)), 7 * SCALE, outline=self.look.deep, width=3
        )
        height, width, middle = bottom - top, right - left - 24, (left + right) // 2
        one_figure(
            draw,
            self.look.motif,
            (middle * SCALE, (top + height * 0.13) * SCALE),
            height * 0.09 * SCALE,
            self.look.main,
        )
        self.write(words.latin, (middle, top + height * 0.32), width, round(height * 0.2), serif=self.look.serif)
        self.write(words.hangul, (middle, top + height * 0.5), width, round(height * 0.14))
        self.write(words.product, (middle, top + height * 0.64), width, round(height * 0.1), colour=self.look.main)
        self.write(words.small, (middle, top + height * 0.75), width, round(height * 0.07), bold=False)
        self.bars((left + 16, round(top + height * 0.83), left + 16 + width // 2, bottom - 12))

    def write(
        self,
        text: str,
        at: tuple[float, float],
        width: int,
        size: int,
        *,
        colour: Colour | None = None,
        bold: bool = True,
        serif: bool = False,
    ) -> None:
        """Write one line centred at a point, smaller if it would be wider than ``width``."""
        draw = ImageDraw.Draw(self.picture)
        face = font(max(size, 6), bold=bold, serif=serif)
        while draw.textlength(text, face) > width * SCALE and size > 6:  # noqa: PLR2004 (smallest size that still reads)
            size -= 1
            face = font(size, bold=bold, serif=serif)
        draw.text((at[0] * SCALE, at[1] * SCALE), text, colour or self.look.deep, face, anchor="mm")

    def bars(self, box: Box) -> None:
        """Draw a bar code of our own: decoration, no number in it."""
        dice = np.random.default_rng(self.seed + 7)
        left, top, right, bottom = big(box)
        draw = ImageDraw.Draw(self.picture)
        while left < right:
            thick = int(dice.integers(2, 7))
            draw.rectangle((left, top, left + thick, bottom), fill=self.look.deep)
            left += thick + int(dice.integers(3, 8))

    def done(self) -> Image.Image:
        """Return the finished picture."""
        return self.picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


class Words(NamedTuple):
    """What stands on a label."""

    latin: str
    hangul: str
    product: str
    small: str


def big(box: Box) -> Box:
    """Return a box in drawn pixels."""
    left, top, right, bottom = box
    return left * SCALE, top * SCALE, right * SCALE, bottom * SCALE
