"""Logos and goods drawn here: nothing in the tests is anybody's mark."""

import io

import cv2
import numpy as np
from PIL import Image, ImageDraw

SIDE = 360
LOGOS = ("key", "bolt", "letters", "leaves", "target")


def logo(name, colour=(20, 60, 160)):
    """Return an invented logo as RGBA, transparent where it is not."""
    picture = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    if name == "key":
        pen.ellipse((30, 90, 190, 250), fill=colour)
        pen.ellipse((75, 135, 145, 205), fill=(0, 0, 0, 0))
        pen.rectangle((180, 150, 340, 190), fill=colour)
        pen.rectangle((270, 190, 295, 240), fill=colour)
        pen.rectangle((310, 190, 335, 225), fill=colour)
    elif name == "bolt":
        pen.polygon([(210, 20), (80, 200), (170, 200), (130, 340), (290, 140), (190, 140)], fill=colour)
        pen.rectangle((30, 300, 110, 335), fill=colour)
    elif name == "letters":
        pen.text((10, 100), "Jk", fill=colour, font_size=230)
        pen.rectangle((20, 335, 340, 350), fill=colour)
    elif name == "leaves":
        for at in range(3):
            leaf = Image.new("L", (SIDE, SIDE), 0)
            ImageDraw.Draw(leaf).ellipse((150, 20, 210, 190), fill=255)
            ImageDraw.Draw(leaf).line((180, 40, 180, 190), fill=0, width=8)
            turned = leaf.rotate(at * 75 - 60, center=(180, 230))
            picture.paste((*colour, 255), mask=turned)
        pen.rectangle((165, 230, 195, 340), fill=colour)
    elif name == "target":
        pen.rounded_rectangle((30, 30, 330, 330), 60, fill=colour)
        pen.arc((90, 90, 270, 270), 30, 300, fill=(0, 0, 0, 0), width=34)
        pen.polygon([(170, 150), (220, 180), (170, 210)], fill=(0, 0, 0, 0))
    return picture


def goods(seed, size=(420, 520)):
    """Return a photo-like picture: blobs of cloth, seams and grain, no logo."""
    chance = np.random.default_rng(seed)
    width, height = size
    low = chance.integers(60, 220, (6, 5, 3), dtype=np.uint8)
    picture = cv2.resize(low, size, interpolation=cv2.INTER_CUBIC)
    for _ in range(14):
        centre = tuple(int(value) for value in chance.integers(0, min(size), 2))
        axes = tuple(int(value) for value in chance.integers(15, 90, 2))
        tone = tuple(int(value) for value in chance.integers(30, 240, 3))
        cv2.ellipse(picture, centre, axes, float(chance.integers(180)), 0, 360, tone, -1, cv2.LINE_AA)
    for _ in range(8):
        ends = [tuple(int(value) for value in chance.integers(0, min(size), 2)) for _ in range(2)]
        cv2.line(picture, *ends, (40, 40, 40), 2, cv2.LINE_AA)
    grain = chance.normal(0, 6, (height, width, 3))
    return Image.fromarray(np.clip(picture + grain, 0, 255).astype(np.uint8))


def on(photo, mark, *, side=110, at=(200, 260), turn=0, opacity=1.0, ink=None):
    """Return the photo with the logo laid on it; ``ink`` makes it one colour."""
    mark = mark.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    mark.thumbnail((side, side), Image.Resampling.LANCZOS)
    alpha = mark.getchannel("A").point(lambda value: round(value * opacity))
    layer = Image.new("RGB", mark.size, ink) if ink else mark.convert("RGB")
    scene = photo.copy()
    scene.paste(layer, at, alpha)
    return scene


def encoded(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
