"""Drawing goods nobody owns: plain shapes in plain colours, on white or on somebody's desk."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import Random

import attrs
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from sandbox.chance import dice

Colour = tuple[int, int, int]
# Debian's fonts-noto-cjk and fonts-thai-tlwg; without them such words are left out of pictures.
CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
THAI = Path("/usr/share/fonts/truetype/tlwg/Garuda-Bold.ttf")  # it has Latin letters, too: "{brand} ทักแชท"


@lru_cache(maxsize=64)
def font(size: int, *, script: str = "latin") -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font of ``size`` pixels for latin, cjk or thai words."""
    path = {"cjk": CJK, "thai": THAI}.get(script)
    if path is not None and path.is_file():
        return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)


def font_for(words: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font that has the letters of ``words``."""
    if any("\u0e00" <= letter <= "\u0e7f" for letter in words):
        return font(size, script="thai")
    return font(size, script="latin" if all(letter < "\u0250" for letter in words) else "cjk")


@attrs.frozen
class Brush:
    """One drawing under way. Places are given in hundredths of the side."""

    pen: ImageDraw.ImageDraw
    side: int
    main: Colour
    second: Colour
    chance: Random

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """Turn hundredths into pixels."""
        scale = self.side / 100
        return left * scale, top * scale, right * scale, bottom * scale

    def slab(self, *place: float, fill: Colour | None = None, radius: float = 4) -> None:
        """Draw a box with round corners."""
        left, top, right, bottom = place
        self.pen.rounded_rectangle(
            self.box(left, top, right, bottom), radius * self.side / 100, fill=fill or self.main, outline=(60, 60, 60)
        )

    def disc(self, *place: float, fill: Colour | None = None) -> None:
        """Draw an ellipse."""
        left, top, right, bottom = place
        self.pen.ellipse(self.box(left, top, right, bottom), fill=fill or self.main, outline=(60, 60, 60))

    def area(self, *points: tuple[float, float], fill: Colour | None = None) -> None:
        """Draw a polygon."""
        scale = self.side / 100
        self.pen.polygon([(x * scale, y * scale) for x, y in points], fill=fill or self.main, outline=(60, 60, 60))


def _jar(brush: Brush) -> None:
    brush.slab(22, 40, 78, 82, radius=9)
    brush.slab(20, 27 - brush.chance.randrange(6), 80, 42, fill=brush.second)


def _bottle(brush: Brush) -> None:
    width = brush.chance.randrange(14, 24)
    brush.slab(50 - width, 32, 50 + width, 90, radius=7)
    brush.slab(43, 20, 57, 33, fill=brush.second)
    brush.slab(45, 9, 55, 21, fill=brush.second)


def _tube(brush: Brush) -> None:
    width = brush.chance.randrange(9, 18)
    brush.area((50 - width - 5, 10), (50 + width + 5, 10), (50 + width, 74), (50 - width, 74))
    brush.slab(50 - width + 2, 74, 50 + width - 2, 91, fill=brush.second)


def _pouch(brush: Brush) -> None:
    brush.area((22, 14), (78, 14), (74, 88), (26, 88))
    brush.slab(22, 12, 78, 20, fill=brush.second, radius=1)
    brush.disc(34, 50, 66, 78, fill=brush.second)


def _shirt(brush: Brush) -> None:
    brush.area((32, 18), (68, 18), (92, 38), (82, 50), (72, 43), (72, 88), (28, 88), (28, 43), (18, 50), (8, 38))
    brush.disc(42, 12, 58, 25, fill=brush.second)


def _cap(brush: Brush) -> None:
    brush.pen.pieslice(brush.box(22, 26, 76, 86), 180, 360, fill=brush.main, outline=(60, 60, 60))
    brush.area((58, 55), (96, 60), (92, 68), (52, 63), fill=brush.second)


def _shoe(brush: Brush) -> None:
    brush.area((8, 66), (12, 36), (32, 36), (42, 48), (72, 54), (92, 64), (92, 70), (8, 70))
    brush.slab(7, 69, 94, 78, fill=brush.second, radius=3)
    for lace in range(3):
        brush.slab(36 + 7 * lace, 46 + 3 * lace, 44 + 7 * lace, 48 + 3 * lace, fill=(245, 245, 245), radius=1)


def _bag(brush: Brush) -> None:
    brush.pen.arc(brush.box(30, 8, 70, 66), 180, 360, fill=brush.second, width=max(3, brush.side // 50))
    brush.slab(14, 38, 86, 86, radius=6)
    brush.slab(14, 38, 86, 55, fill=brush.second, radius=6)


def _gadget(brush: Brush) -> None:
    brush.slab(28, 16, 72, 86, radius=14)
    brush.disc(40, 26, 60, 46, fill=brush.second)
    for hole in range(brush.chance.randrange(2, 5)):
        brush.disc(36 + 8 * hole, 66, 40 + 8 * hole, 70, fill=brush.second)


def _box(brush: Brush) -> None:
    brush.slab(16, 26, 84, 84, radius=2)
    brush.area((16, 26), (28, 13), (96, 13), (84, 26), fill=brush.second)
    brush.area((84, 26), (96, 13), (96, 70), (84, 84), fill=brush.second)


def _toy(brush: Brush) -> None:
    brush.disc(24, 6, 44, 28, fill=brush.second)
    brush.disc(56, 6, 76, 28, fill=brush.second)
    brush.disc(26, 40, 74, 94)
    brush.disc(24, 12, 76, 58)
    brush.disc(38, 30, 44, 36, fill=(20, 20, 20))
    brush.disc(56, 30, 62, 36, fill=(20, 20, 20))


def _mug(brush: Brush) -> None:
    brush.pen.arc(brush.box(58, 34, 92, 72), 270, 90, fill=brush.main, width=max(5, brush.side // 24))
    brush.slab(20, 24, 70, 84, radius=6)
    brush.slab(20, 70, 70, 84, fill=brush.second, radius=6)


def _pan(brush: Brush) -> None:
    brush.area((58, 50), (96, 16), (99, 21), (64, 60), fill=brush.second)
    brush.disc(8, 32, 70, 92)
    brush.disc(15, 39, 63, 85, fill=brush.second)


def _ring(brush: Brush) -> None:
    brush.disc(18, 26, 82, 90)
    brush.disc(28, 36, 72, 80, fill=(255, 255, 255))
    brush.area((42, 20), (58, 20), (64, 30), (50, 42), (36, 30), fill=brush.second)


def _roll(brush: Brush) -> None:
    brush.slab(12, 38, 84, 68, radius=3)
    brush.disc(74, 38, 96, 68, fill=brush.second)
    brush.disc(80, 46, 90, 60)


SHAPES: dict[str, Callable[[Brush], None]] = {
    "jar": _jar,
    "bottle": _bottle,
    "tube": _tube,
    "pouch": _pouch,
    "shirt": _shirt,
    "cap": _cap,
    "shoe": _shoe,
    "bag": _bag,
    "gadget": _gadget,
    "box": _box,
    "toy": _toy,
    "mug": _mug,
    "pan": _pan,
    "ring": _ring,
    "roll": _roll,
}


def _colour(chance: Random) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(chance.random(), 0.15 + chance.random() * 0.6, 0.45 + chance.random() * 0.5)
    return int(red * 255), int(green * 255), int(blue * 255)


def _backdrop(chance: Random, side: int) -> Image.Image:
    if chance.random() < 0.4:  # noqa: PLR2004 (about as many white packshots as real shops have)
        return Image.new("RGB", (side, side), "white")
    tint = Image.new("RGB", (side, side), tuple(210 + part // 6 for part in _colour(chance)))
    if chance.random() < 0.5:  # noqa: PLR2004 (half of the tinted ones with a table edge)
        ImageDraw.Draw(tint).rectangle((0, side * 0.7, side, side), fill=_colour(chance))
    return tint


def draw(shape: str, seed: str, words: str, colours: tuple[Colour, ...] | None, side: int) -> Image.Image:
    """Draw one thing on a square of ``side`` pixels; ``words`` go on its label."""
    chance = dice(seed, shape)
    image = _backdrop(chance, side)
    main, second = colours or (_colour(chance), _colour(chance))
    SHAPES[shape](Brush(ImageDraw.Draw(image), side, main, second, chance))
    if words:
        write(image, words, (0.5, 0.62), 0.44, (25, 25, 25))
    turn = chance.uniform(-4, 4)
    return image.rotate(turn, Image.Resampling.BILINEAR, fillcolor=image.getpixel((2, 2)))


def write(image: Image.Image, words: str, centre: tuple[float, float], share: float, ink: Colour) -> None:
    """Write ``words`` around ``centre`` (shares of width and height), ``share`` of the width wide."""
    pen = ImageDraw.Draw(image)
    size = max(11, int(image.width * share / max(4, len(words)) * 1.7))
    place = (image.width * centre[0], image.height * centre[1])
    pen.text(place, words, font=font_for(words, size), fill=ink, anchor="mm", stroke_width=1, stroke_fill="white")


@lru_cache(maxsize=16)
def _desk(grain: int, side: int) -> Image.Image:
    """Return a wooden or stony surface."""
    chance = dice("desk", grain)
    noise = np.random.default_rng(grain).normal(0, 1, (side // 4, side // 4 if grain % 2 else 8))
    low, high = (150 + chance.randrange(40), 215 + chance.randrange(35))
    grey = np.interp(noise, (-2, 2), (low, high)).astype("uint8")
    rough = Image.fromarray(grey).resize((side, side), Image.Resampling.BICUBIC)
    tint = Image.new("RGB", (side, side), (250, 236 - chance.randrange(25), 216 - chance.randrange(40)))
    return ImageChops.multiply(Image.merge("RGB", (rough, rough, rough)), tint)


def on_a_desk(image: Image.Image, seed: str) -> Image.Image:
    """Photograph goods at home: on a table, a little turned, in a poorer light."""
    chance = dice(seed, "desk")
    side = max(image.size)
    goods = ImageChops.offset(Image.new("RGB", (side, side), "white"), 0)
    share = chance.uniform(0.68, 0.86)
    small = image.resize((int(image.width * share), int(image.height * share)), Image.Resampling.BILINEAR)
    small = small.rotate(chance.uniform(-9, 9), Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    small.thumbnail((side, side))
    free = (side - small.width, side - small.height)
    goods.paste(small, (chance.randint(0, max(0, free[0])), chance.randint(0, max(0, free[1]))))
    scene = ImageChops.multiply(goods, _desk(chance.randrange(10), side))
    scene = ImageEnhance.Brightness(scene).enhance(chance.uniform(0.9, 1.15))
    return scene.filter(ImageFilter.GaussianBlur(chance.uniform(0.2, 0.8)))
