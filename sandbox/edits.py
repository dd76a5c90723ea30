"""What sellers do to a picture that is not theirs. Every edit takes a picture, a seed and the words to put on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from sandbox.chance import dice
from sandbox.drawing import draw, font, write

Edit = Callable[[Image.Image, str, str], Image.Image]


def crop(image: Image.Image, seed: str, _words: str) -> Image.Image:
    """Cut away up to a third, unevenly."""
    chance = dice(seed, "crop")
    width, height = image.size
    left, top = (int(width * chance.uniform(0.05, 0.2)), int(height * chance.uniform(0.05, 0.2)))
    right, bottom = (int(width * chance.uniform(0.82, 0.95)), int(height * chance.uniform(0.82, 0.95)))
    return image.crop((left, top, right, bottom))


def mirror(image: Image.Image, _seed: str, _words: str) -> Image.Image:
    """Swap left and right."""
    return ImageOps.mirror(image)


def colour(image: Image.Image, seed: str, _words: str) -> Image.Image:
    """Turn the hue and change saturation and contrast."""
    chance = dice(seed, "colour")
    hue, saturation, value = image.convert("HSV").split()
    turn = chance.choice([20, 45, 90, 150])
    turned = Image.merge("HSV", (hue.point(lambda level: (level + turn) % 256), saturation, value)).convert("RGB")
    return ImageEnhance.Contrast(turned).enhance(chance.uniform(0.85, 1.2))


def border(image: Image.Image, seed: str, words: str) -> Image.Image:
    """Put a coloured frame around it, with a sales line below."""
    chance = dice(seed, "border")
    paint = tuple(chance.randrange(40, 240) for _ in range(3))
    framed = ImageOps.expand(image, border=image.width // 12, fill=paint)
    write(framed, words or "SALE", (0.5, 0.96), 0.3, (255, 255, 255))
    return framed


def watermark(image: Image.Image, seed: str, words: str) -> Image.Image:
    """Repeat a half-transparent shop name over the whole picture."""
    chance = dice(seed, "watermark")
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    step = image.width // 3
    for row in range(0, image.height, step // 2):
        for column in range(-step, image.width, step):
            place = (column + row // 2 % step, row)
            pen.text(place, words or "shop", font=font(image.width // 18), fill=(90, 90, 90, chance.randrange(70, 120)))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def text_overlay(image: Image.Image, seed: str, words: str) -> Image.Image:
    """Lay banners with a sales line over top and bottom."""
    chance = dice(seed, "overlay")
    shown = image.copy()
    pen = ImageDraw.Draw(shown)
    high = image.height // 6
    pen.rectangle((0, 0, image.width, high), fill=(chance.randrange(160, 240), 30, 40))
    write(shown, words or "HOT SALE", (0.5, 0.08), 0.6, (255, 255, 255))
    pen.rectangle((0, image.height - high // 2, image.width, image.height), fill=(250, 220, 60))
    return shown


def collage(image: Image.Image, seed: str, _words: str) -> Image.Image:
    """Make it one of four tiles beside other goods."""
    chance = dice(seed, "collage")
    side = image.width
    tile = side // 2
    sheet = Image.new("RGB", (side, side), "white")
    spot = chance.randrange(4)
    for number in range(4):
        shape = chance.choice(["jar", "bottle", "tube", "box"])
        part = image if number == spot else draw(shape, f"{seed}/{number}", "", None, tile)
        sheet.paste(part.resize((tile - 6, tile - 6)), (number % 2 * tile + 3, number // 2 * tile + 3))
    return sheet


def rotation(image: Image.Image, seed: str, _words: str) -> Image.Image:
    """Turn it by a few degrees."""
    chance = dice(seed, "rotation")
    angle = chance.choice([-1, 1]) * chance.uniform(4, 13)
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def screenshot(image: Image.Image, _seed: str, words: str) -> Image.Image:
    """Photograph it off a telephone: status bar, shop app, price tag."""
    width, height = image.size
    screen = Image.new("RGB", (width, int(height * 1.5)), (248, 248, 248))
    screen.paste(image, (0, height // 8))
    pen = ImageDraw.Draw(screen)
    pen.rectangle((0, 0, width, height // 16), fill=(20, 20, 20))
    pen.text((8, 6), "9:41", font=font(max(10, height // 28)), fill="white")
    pen.rectangle((width * 0.05, height * 1.3, width * 0.95, height * 1.42), fill=(240, 90, 40))
    write(screen, words or "BUY NOW", (0.5, 0.906), 0.4, (255, 255, 255))
    return screen


def logo_blurred(image: Image.Image, seed: str, _words: str) -> Image.Image:
    """Smear the middle band, where labels are."""
    chance = dice(seed, "blur")
    width, height = image.size
    place = (int(width * 0.22), int(height * chance.uniform(0.34, 0.45)), int(width * 0.78), int(height * 0.68))
    shown = image.copy()
    shown.paste(image.crop(place).filter(ImageFilter.GaussianBlur(width / 28)), place[:2])
    return shown


def sticker(image: Image.Image, seed: str, _words: str) -> Image.Image:
    """Stick a face or a heart over the mark."""
    chance = dice(seed, "sticker")
    shown = image.copy()
    pen = ImageDraw.Draw(shown)
    size = image.width * chance.uniform(0.16, 0.24)
    x, y = image.width * chance.uniform(0.4, 0.6), image.height * chance.uniform(0.45, 0.6)
    pen.ellipse((x - size, y - size, x + size, y + size), fill=(255, 214, 60), outline=(120, 90, 10), width=3)
    for eye in (-1, 1):
        pen.ellipse(
            (x + eye * size / 2 - 6, y - size / 3, x + eye * size / 2 + 6, y - size / 3 + 14), fill=(30, 30, 30)
        )
    pen.arc((x - size / 2, y - size / 3, x + size / 2, y + size / 1.7), 20, 160, fill=(30, 30, 30), width=5)
    return shown


def tilted(image: Image.Image, seed: str, _words: str) -> Image.Image:
    """See it from the side, as when a poster is photographed."""
    chance = dice(seed, "tilted")
    width, height = image.size
    lean = chance.uniform(0.1, 0.2) * chance.choice([-1, 1])
    near, far = (max(0.0, -lean), max(0.0, lean))
    corners = [
        (-near * width, -near * height),
        (-far * width * 0.5, height * (1 + near)),
        (width * (1 + far * 0.5), height * (1 + far)),
        (width * (1 + near * 0.5), -far * height),
    ]
    quad = tuple(value for corner in corners for value in corner)
    return image.transform((width, height), Image.Transform.QUAD, quad, Image.Resampling.BICUBIC, fillcolor="white")


def new_background(image: Image.Image, seed: str, _words: str) -> Image.Image:
    """Put what stood on white before a gradient with sparkles."""
    chance = dice(seed, "background")
    width, height = image.size
    ramp = np.linspace(0.72, 1, height)[:, None, None]
    tint = np.array([chance.randrange(190, 256) for _ in range(3)])
    layer = Image.fromarray(np.broadcast_to(ramp * tint, (height, width, 3)).astype("uint8"))
    pen = ImageDraw.Draw(layer)
    for _ in range(14):
        x, y, size = chance.randrange(width), chance.randrange(height), chance.randrange(3, 14)
        pen.line((x - size, y, x + size, y), fill="white", width=2)
        pen.line((x, y - size, x, y + size), fill="white", width=2)
    return ImageChops.multiply(image, layer)


def halftone(image: Image.Image, _seed: str, _words: str) -> Image.Image:
    """Scan it from print: few colours, coarse, slightly soft."""
    small = image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.BILINEAR)
    return small.quantize(14).convert("RGB").resize(image.size, Image.Resampling.BICUBIC)


# The first half is what every picture matcher is made for, the second half is what they rarely expect.
EDITS: dict[str, Edit] = {
    "crop": crop,
    "colour": colour,
    "border": border,
    "watermark": watermark,
    "text_overlay": text_overlay,
    "rotation": rotation,
    "halftone": halftone,
    "mirror": mirror,
    "collage": collage,
    "screenshot": screenshot,
    "logo_blurred": logo_blurred,
    "sticker": sticker,
    "tilted": tilted,
    "new_background": new_background,
}
