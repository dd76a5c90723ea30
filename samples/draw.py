"""Draws every picture and writes every paper that ``samples/registry/*/brand.toml`` names.

``.venv/bin/python -m samples.draw`` writes them again: the same bytes each time on one version of Pillow and the fonts.
How a brand looks (motif, colours) and what shape a product has is in `LOOKS`; all words come from its ``brand.toml``.
"""

from __future__ import annotations

import sys
import tomllib
import zlib
from pathlib import Path
from typing import Any

from samples.easel import Easel, Look, Words
from samples.paper import certificate, power_of_attorney
from samples.shapes import SHAPES

REGISTRY = Path(__file__).resolve().parent / "registry"
JPEG_QUALITY = 80

LOOKS = {
    "haneulbit": Look(
        "petals",
        (126, 178, 221),
        (30, 66, 118),
        (238, 246, 253),
        True,
        {"dew-serum": "dropper", "cloud-cream": "jar", "petal-toner": "bottle"},
    ),
    "moraedam": Look(
        "waves",
        (236, 190, 110),
        (122, 70, 22),
        (255, 246, 226),
        False,
        {"sun-shield": "tube", "sand-cleanser": "bottle"},
    ),
    "byeolsoom": Look(
        "stars",
        (104, 76, 150),
        (36, 20, 66),
        (240, 228, 250),
        True,
        {"night-perfume": "flask", "lip-glow": "stick", "hand-balm": "tube"},
    ),
    "ssaksoon": Look(
        "leaves", (120, 176, 98), (26, 84, 48), (242, 250, 232), False, {"sprout-mask": "pouch", "mugwort-pad": "jar"}
    ),
    "bulmatgol": Look(
        "flames",
        (214, 48, 36),
        (90, 8, 12),
        (255, 226, 120),
        False,
        {"fire-noodle": "cup", "gochu-sauce": "bottle", "fire-noodle-pack": "bag"},
    ),
    "parangyeol": Look(
        "scales",
        (20, 120, 132),
        (6, 46, 64),
        (218, 246, 240),
        False,
        {"seaweed-snack": "bag", "seaweed-flake": "pouch"},
    ),
    "gyeoulsol": Look(
        "pines", (54, 92, 84), (18, 34, 40), (232, 238, 234), True, {"pine-padding": "jacket", "snow-knit": "knit"}
    ),
    "saebyeok": Look(
        "stripes", (232, 120, 84), (34, 38, 70), (252, 236, 224), False, {"four-am-cap": "cap", "dawn-tote": "tote"}
    ),
    "tokkiring": Look(
        "hearts", (246, 158, 178), (150, 44, 84), (255, 240, 244), False, {"plush-25": "rabbit", "sticker-set": "card"}
    ),
    "mongdori": Look(
        "clouds", (150, 160, 226), (58, 56, 122), (240, 240, 255), False, {"keyring": "ring", "night-lamp": "lamp"}
    ),
    "onsorim": Look(
        "rings", (70, 84, 100), (16, 22, 32), (226, 234, 240), False, {"buds-2": "case", "pebble-speaker": "speaker"}
    ),
    "nuribolt": Look(
        "bolts",
        (60, 170, 230),
        (16, 30, 60),
        (240, 250, 120),
        False,
        {"slim-bank": "slab", "cube-charger": "cube", "braid-cable": "coil"},
    ),
}


def picture(brand: dict[str, Any], image: dict[str, Any], path: Path) -> None:
    """Draw one entry of ``[[images]]``."""
    look = LOOKS[brand["slug"]]
    products = {product["code"]: product for product in brand["products"]}
    product = products.get(image.get("product"), {"name": ""})
    mark = brand["marks"][0]
    words = Words(
        latin=mark["text"],
        hangul=mark["spellings"][0],
        product=product["name"].removeprefix(mark["text"]).strip(),
        small=brand["organisation"]["name"] + " · Made in Korea",
    )
    shape = {"logo": "emblem", "character": "character"}.get(image["kind"]) or look.shapes[product["code"]]
    easel = Easel(look, seed=zlib.crc32(f"{brand['slug']}/{image['file']}".encode()))
    SHAPES[shape](easel, words)
    if path.suffix == ".png":
        easel.done().quantize(64, dither=0).save(path, optimize=True)
    else:
        easel.done().save(path, quality=JPEG_QUALITY, optimize=True)


def main() -> None:
    """Write every file of every brand."""
    for toml in sorted(REGISTRY.glob("*/brand.toml")):
        brand = tomllib.loads(toml.read_text(encoding="utf-8"))
        for image in brand["images"]:
            picture(brand, image, toml.parent / image["file"])
        for right in brand["rights"]:
            if "certificate" in right:
                path = toml.parent / right["certificate"]
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(certificate(right))
        for power in brand["powers_of_attorney"]:
            (toml.parent / power["file"]).write_bytes(power_of_attorney(power))
        sys.stdout.write(f"{brand['slug']}: {len(brand['images'])} pictures, {len(brand['rights'])} rights\n")


if __name__ == "__main__":
    main()
