"""What sellers do to a photo they took from somebody: our own edits, for fitting only.

Every edit takes a picture, other pictures it may use, and a generator of chance, and returns the edited picture; the
same seed gives the same edit. `edited` draws one to three of them and saves the result as a JPEG as a shop would.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Chance = np.random.Generator
Edit = Callable[[Image.Image, Sequence[Image.Image], Chance], Image.Image]
FONTS = ("DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf")
WORDS = ("SALE", "-50%", "1+1", "FREE SHIPPING", "NEW 2026", "best price", "@my_store", "No.1", "$19", "12,900", "hot",
         "ORIGINAL", "tel 010-555-0100", "shop.example", "LIMITED", "Kostenlos", "promo", "oferta")  # fmt: skip
LONG_SIDE = 320


def _colour(chance: Chance) -> tuple[int, int, int]:
    return tuple(int(value) for value in chance.integers(0, 256, 3))  # type: ignore[return-value]


def _between(chance: Chance, low: float, high: float) -> float:
    return float(chance.uniform(low, high))


def _font(chance: Chance, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(chance.choice(FONTS)), max(8, size))


def recompressed(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Shrink and save badly, once or twice."""
    for _round in range(int(chance.integers(1, 3))):
        scale = _between(chance, 0.4, 1)
        small = picture.resize((max(16, int(picture.width * scale)), max(16, int(picture.height * scale))))
        out = io.BytesIO()
        small.save(out, str(chance.choice(["JPEG", "WEBP"])), quality=int(chance.integers(12, 60)))
        picture = Image.open(out).convert("RGB")
    return picture


def cropped(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Keep a part, often with another aspect."""
    wide, high = _between(chance, 0.45, 0.95), _between(chance, 0.45, 0.95)
    left, top = _between(chance, 0, 1 - wide), _between(chance, 0, 1 - high)
    box = (left * picture.width, top * picture.height, (left + wide) * picture.width, (top + high) * picture.height)
    return picture.crop(tuple(int(value) for value in box))


def stretched(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Change the aspect."""
    return picture.resize((max(16, int(picture.width * _between(chance, 0.6, 1.5))), picture.height))


def turned(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Mirror, turn by quarters, or both."""
    if chance.random() < 0.6:  # noqa: PLR2004 (a mirror is the seller's favourite)
        picture = ImageOps.mirror(picture)
    return picture.rotate(int(chance.choice([0, 0, 90, 180, 270])), expand=True)


def tilted(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Turn by some degrees, with a filled border or cut inside."""
    angle = _between(chance, -28, 28)
    if chance.random() < 0.5:  # noqa: PLR2004
        return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=_colour(chance))
    return _inside(picture.rotate(angle, Image.Resampling.BICUBIC), 0.7)


def _inside(picture: Image.Image, share: float) -> Image.Image:
    margin = (1 - share) / 2
    width, height = picture.size
    return picture.crop(
        (int(margin * width), int(margin * height), int((1 - margin) * width), int((1 - margin) * height))
    )


def leaning(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Show it from the side."""
    width, height = picture.size
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    moved = corners + chance.uniform(-0.2, 0.2, (4, 2)).astype(np.float32) * np.float32([width, height])
    moved -= moved.min(0)
    size = tuple(int(value) + 1 for value in moved.max(0))
    fill = _colour(chance)
    warped = cv2.warpPerspective(
        np.asarray(picture), cv2.getPerspectiveTransform(corners, moved), size, borderValue=fill
    )
    made = Image.fromarray(warped)
    return _inside(made, 0.75) if chance.random() < 0.4 else made  # noqa: PLR2004


def recoloured(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Another light: brightness, contrast, saturation, tint, grey."""
    for enhancer in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = enhancer(picture).enhance(_between(chance, 0.5, 1.7))
    kind = chance.integers(0, 4)
    if kind == 0:
        return ImageOps.grayscale(picture).convert("RGB")
    if kind == 1:
        return Image.blend(picture, Image.new("RGB", picture.size, _colour(chance)), _between(chance, 0.1, 0.4))
    if kind == 2:  # noqa: PLR2004
        hue = np.array(picture.convert("HSV"))
        hue[..., 0] += np.uint8(chance.integers(0, 256))
        return Image.fromarray(hue, "HSV").convert("RGB")
    return ImageOps.autocontrast(picture, cutoff=int(chance.integers(0, 8)))


def blurred(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Blur, move, or add noise."""
    kind = chance.integers(0, 3)
    if kind == 0:
        return picture.filter(ImageFilter.GaussianBlur(_between(chance, 0.8, 2.5)))
    pixels = np.asarray(picture).astype(np.float32)
    if kind == 1:
        kernel = np.zeros((9, 9), np.float32)
        cv2.line(kernel, (int(chance.integers(0, 9)), 0), (int(chance.integers(0, 9)), 8), 1.0)
        return Image.fromarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()).clip(0, 255).astype(np.uint8))
    noisy = pixels + chance.normal(0, _between(chance, 8, 30), pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def shaded(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Lay a shadow, a glare or the stripes of a photographed screen over it."""
    width, height = picture.size
    ys, xs = np.mgrid[0:height, 0:width] / max(width, height)
    angle = _between(chance, 0, 2 * np.pi)
    along = np.cos(angle) * xs + np.sin(angle) * ys
    if chance.random() < 0.5:  # noqa: PLR2004
        light = 1 + _between(chance, 0.3, 0.7) * np.tanh((along - along.mean()) * _between(chance, 2, 15))
    else:
        light = 1 + _between(chance, 0.05, 0.25) * np.sin(along * _between(chance, 100, 500))
    return Image.fromarray((np.asarray(picture) * light[..., None]).clip(0, 255).astype(np.uint8))


def lettered(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Write on it: banners, prices, a name."""
    picture = picture.copy()
    pen = ImageDraw.Draw(picture, "RGBA")
    width, height = picture.size
    for _line in range(int(chance.integers(1, 4))):
        size = int(height * _between(chance, 0.06, 0.2))
        x, y = _between(chance, -0.1, 0.5) * width, _between(chance, 0, 0.85) * height
        if chance.random() < 0.5:  # noqa: PLR2004
            pen.rectangle((0, y, width, y + 1.3 * size), fill=(*_colour(chance), int(chance.integers(120, 256))))
        pen.text((x, y), str(chance.choice(WORDS)), _colour(chance), _font(chance, size))
    return picture


def stickered(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Put stars, discs, price tags and blurred or pixelated patches on it."""
    picture = picture.copy()
    pen = ImageDraw.Draw(picture)
    width, height = picture.size
    for _sticker in range(int(chance.integers(1, 5))):
        size = int(min(width, height) * _between(chance, 0.12, 0.4))
        x, y = (int(chance.integers(0, max(1, side - size))) for side in (width, height))
        kind = chance.integers(0, 4)
        if kind == 0:
            pen.ellipse((x, y, x + size, y + size), _colour(chance), _colour(chance), 3)
            pen.text((x + size // 5, y + size // 3), str(chance.choice(WORDS))[:5], "white", _font(chance, size // 4))
        elif kind == 1:
            spikes = 2 * int(chance.integers(4, 12))
            turn = np.arange(spikes) * 2 * np.pi / spikes
            reach = np.where(np.arange(spikes) % 2, 0.3, 0.5) * size
            star = [
                (x + size / 2 + r * np.cos(t), y + size / 2 + r * np.sin(t)) for r, t in zip(reach, turn, strict=True)
            ]
            pen.polygon(star, _colour(chance), _colour(chance))
        elif kind == 2:  # noqa: PLR2004
            pen.rounded_rectangle((x, y, x + size, y + size // 2), size // 8, _colour(chance))
            pen.text((x + 4, y + 4), str(chance.choice(WORDS)), _colour(chance), _font(chance, size // 4))
        else:
            patch = picture.crop((x, y, x + size, y + size))
            rough = patch.resize((4, 4)).resize(patch.size, Image.Resampling.NEAREST)
            picture.paste(rough if chance.random() < 0.5 else patch.filter(ImageFilter.GaussianBlur(9)), (x, y))  # noqa: PLR2004
    return picture


def watermarked(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Repeat a faint word over all of it."""
    layer = Image.new("RGBA", (2 * picture.width, 2 * picture.height))
    pen = ImageDraw.Draw(layer)
    size = int(picture.height * _between(chance, 0.05, 0.13))
    word, font = str(chance.choice(WORDS)), _font(chance, size)
    ink = (*[(255, 255, 255), (0, 0, 0), _colour(chance)][int(chance.integers(0, 3))], int(chance.integers(60, 200)))
    for y in range(0, layer.height, int(size * _between(chance, 1.5, 4))):
        for x in range(int(chance.integers(-60, 0)), layer.width, int(font.getlength(word) * 1.4)):
            pen.text((x, y), word, ink, font)
    layer = layer.rotate(_between(chance, -45, 45)).crop(
        (picture.width // 2, picture.height // 2, picture.width * 3 // 2, picture.height * 3 // 2)
    )
    return Image.alpha_composite(picture.convert("RGBA"), layer.resize(picture.size)).convert("RGB")


def framed(picture: Image.Image, _: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Set it in a frame, with round corners at times."""
    margins = [int(_between(chance, 0, 0.35) * side) for side in (*picture.size, *picture.size)]
    page = Image.new(
        "RGB", (picture.width + margins[0] + margins[2], picture.height + margins[1] + margins[3]), _colour(chance)
    )
    if chance.random() < 0.3:  # noqa: PLR2004
        shade = Image.linear_gradient("L").resize(page.size)
        page = Image.composite(page, Image.new("RGB", page.size, _colour(chance)), shade)
    page.paste(picture, (margins[0], margins[1]), _round(picture.size, chance))
    return page


def _round(size: tuple[int, int], chance: Chance) -> Image.Image:
    mask = Image.new("L", size, 0)
    radius = int(min(size) * _between(chance, 0.05, 0.2)) if chance.random() < 0.3 else 0  # noqa: PLR2004
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius, 255)
    return mask


def screenshot(picture: Image.Image, others: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Show it as a phone or a browser would: bars, words, other small pictures round it."""
    width, height = (360, 720) if chance.random() < 0.6 else (900, 560)  # noqa: PLR2004
    dark = chance.random() < 0.4  # noqa: PLR2004
    page = Image.new("RGB", (width, height), (20, 20, 24) if dark else (250, 250, 250))
    pen = ImageDraw.Draw(page)
    ink = (200, 200, 200) if dark else (60, 60, 60)
    pen.rectangle((0, 0, width, 40), _colour(chance))
    for _line in range(int(chance.integers(4, 12))):
        place = (int(chance.integers(0, width - 100)), int(chance.integers(40, height - 30)))
        pen.text(place, str(chance.choice(WORDS)), ink, _font(chance, int(chance.integers(10, 24))))
    for other in others[: int(chance.integers(0, 3))]:
        small = ImageOps.fit(other, (60, 60))
        page.paste(small, (int(chance.integers(0, width - 60)), int(chance.integers(40, height - 60))))
    room = (int(width * _between(chance, 0.4, 1)), int(height * _between(chance, 0.35, 0.8)))
    shown = ImageOps.contain(picture, room)
    page.paste(shown, tuple(int(chance.integers(0, max(1, a - b))) for a, b in zip(page.size, shown.size, strict=True)))
    return page


def pasted(picture: Image.Image, others: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Lay it on another photo, upright or tilted."""
    ground = ImageOps.fit(others[0], (int(chance.integers(300, 420)), int(chance.integers(300, 420))))
    small = ImageOps.contain(picture, tuple(int(side * _between(chance, 0.35, 0.75)) for side in ground.size))  # type: ignore[arg-type]
    mask = _round(small.size, chance)
    if chance.random() < 0.4:  # noqa: PLR2004
        angle = _between(chance, -20, 20)
        small, mask = small.rotate(angle, expand=True), mask.rotate(angle, expand=True)
    place = tuple(int(chance.integers(0, max(1, a - b))) for a, b in zip(ground.size, small.size, strict=True))
    ground.paste(small, place, mask)  # type: ignore[arg-type]
    return ground


def collage(picture: Image.Image, others: Sequence[Image.Image], chance: Chance) -> Image.Image:
    """Put it in a grid among others, with gutters and round corners at times."""
    columns, rows = [(2, 1), (1, 2), (2, 2), (3, 1), (3, 2), (2, 3)][int(chance.integers(0, 6))]
    cell = (int(chance.integers(110, 200)), int(chance.integers(110, 200)))
    gutter = int(chance.choice([0, 0, 3, 8]))
    page = Image.new("RGB", (columns * (cell[0] + gutter), rows * (cell[1] + gutter)), _colour(chance))
    shown = [picture, *others[: columns * rows - 1]]
    for place, at in zip(shown, chance.permutation(columns * rows), strict=False):
        column, row = int(at) % columns, int(at) // columns
        fitted = ImageOps.fit(place, cell) if chance.random() < 0.7 else place.resize(cell)  # noqa: PLR2004
        page.paste(fitted, (column * (cell[0] + gutter), row * (cell[1] + gutter)), _round(cell, chance))
    return page


LIGHT: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (recompressed, cropped, stretched, turned, tilted, leaning, recoloured, blurred, shaded, lettered,
                 stickered, watermarked, framed)
}  # fmt: skip
HEAVY: dict[str, Edit] = {edit.__name__: edit for edit in (screenshot, pasted, collage)}


def edited(
    picture: Image.Image, others: Sequence[Image.Image], seed: int, *, within: bool = True
) -> tuple[Image.Image, str]:
    """Return an edited picture and the names of its edits.

    Args:
        picture: the photo that is re-used.
        others: at least five photos of other things, for collages and grounds.
        seed: the same one gives the same picture.
        within: whether the photo may become a part of another picture.
    """
    chance = np.random.default_rng(seed)
    steps = list(chance.choice(list(LIGHT), int(chance.choice([1, 1, 2, 2, 3])), replace=False))
    if within and chance.random() < 0.4:  # noqa: PLR2004
        steps.insert(int(chance.integers(0, len(steps) + 1)), str(chance.choice(list(HEAVY))))
        steps = steps[:3]
    for step in steps:
        picture = {**LIGHT, **HEAVY}[step](picture, others, chance)
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=int(chance.integers(40, 92)))
    return Image.open(out).convert("RGB"), "+".join(steps)
