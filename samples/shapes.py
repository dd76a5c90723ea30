"""The shapes products come in: one function per shape, each laying parts on an easel."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import ImageDraw

from samples.easel import SCALE, Colour, Easel, Words, mixed, one_figure

WHITE: Colour = (250, 250, 250)
BLACK: Colour = (24, 24, 28)

Shape = Callable[[Easel, Words], None]


def dropper(easel: Easel, words: Words) -> None:
    """Draw a serum bottle with a pipette."""
    easel.body((262, 40, 338, 120), 34, BLACK, pattern=False)
    easel.body((246, 110, 354, 160), 8, mixed(easel.look.deep, WHITE, 0.3), pattern=False)
    easel.body((180, 155, 420, 545), 36)
    easel.label((205, 250, 395, 500), words)


def jar(easel: Easel, words: Words) -> None:
    """Draw a low jar with a wide lid."""
    easel.body((110, 150, 490, 260), 22, mixed(easel.look.deep, easel.look.main, 0.3), pattern=False)
    easel.body((120, 255, 480, 530), 46)
    easel.label((165, 300, 435, 505), words)


def bottle(easel: Easel, words: Words) -> None:
    """Draw a tall bottle with a pump."""
    easel.body((250, 50, 400, 84), 12, easel.look.deep, pattern=False)
    easel.body((282, 80, 318, 150), 4, mixed(easel.look.deep, WHITE, 0.4), pattern=False)
    easel.body((190, 145, 410, 560), 52)
    easel.label((210, 255, 390, 520), words)


def tube(easel: Easel, words: Words) -> None:
    """Draw a tube standing on its cap."""
    easel.polygon([(160, 50), (440, 50), (390, 480), (210, 480)])
    easel.body((205, 475, 395, 560), 10, easel.look.deep, pattern=False)
    easel.label((215, 130, 385, 400), words)


def flask(easel: Easel, words: Words) -> None:
    """Draw a square perfume flask with a round stopper."""
    easel.ellipse((250, 40, 350, 140), easel.look.light)
    easel.body((272, 130, 328, 200), 4, (206, 180, 110), pattern=False)
    easel.body((130, 195, 470, 550), 20)
    easel.label((185, 270, 415, 500), words)


def stick(easel: Easel, words: Words) -> None:
    """Draw an open lip tint beside its cap."""
    easel.polygon([(262, 110), (318, 60), (338, 90), (338, 240), (262, 240)], (214, 60, 90), cell=400)
    easel.body((246, 230, 354, 330), 6, (206, 180, 110), pattern=False)
    easel.body((210, 320, 390, 565), 14)
    easel.label((228, 340, 372, 550), words)
    easel.body((430, 330, 550, 565), 18)


def pouch(easel: Easel, words: Words) -> None:
    """Draw a standing pouch with a tear notch."""
    easel.polygon([(120, 60), (480, 60), (470, 90), (500, 540), (100, 540), (130, 90)])
    easel.body((118, 56, 482, 92), 4, easel.look.deep, pattern=False)
    easel.label((165, 150, 435, 430), words)
    for x in (190, 300, 410):
        easel.ellipse((x - 40, 450, x + 40, 520), mixed(easel.look.main, WHITE, 0.5), pattern=True)


def cup(easel: Easel, words: Words) -> None:
    """Draw a noodle cup with its paper lid."""
    easel.polygon([(110, 140), (490, 140), (430, 560), (170, 560)])
    easel.ellipse((100, 100, 500, 185), easel.look.light, pattern=True)
    easel.label((185, 225, 415, 500), words)


def bag(easel: Easel, words: Words) -> None:
    """Draw a pillow bag with sealed edges."""
    teeth = [(100 + 20 * step, 70 - 12 * (step % 2)) for step in range(21)]
    easel.polygon([*teeth, (520, 300), (500, 540), (100, 540), (80, 300)])
    easel.label((150, 140, 450, 390), words)
    easel.ellipse((180, 405, 420, 525), mixed(easel.look.light, easel.look.main, 0.3), pattern=True)


def jacket(easel: Easel, words: Words) -> None:
    """Draw a padded jacket with seams and a chest label."""
    easel.polygon([(70, 220), (170, 130), (200, 500), (110, 520)], mixed(easel.look.main, BLACK, 0.2))
    easel.polygon([(530, 220), (430, 130), (400, 500), (490, 520)], mixed(easel.look.main, BLACK, 0.2))
    easel.polygon([(170, 120), (250, 80), (350, 80), (430, 120), (430, 550), (170, 550)])
    draw = ImageDraw.Draw(easel.picture)
    for y in range(180, 550, 52):
        draw.arc((170 * SCALE, (y - 14) * SCALE, 430 * SCALE, (y + 14) * SCALE), 0, 180, fill=easel.look.deep, width=6)
    draw.line((300 * SCALE, 90 * SCALE, 300 * SCALE, 550 * SCALE), fill=easel.look.light, width=8)
    easel.label((315, 200, 420, 330), words)
    easel.label((190, 400, 290, 510), words)


def knit(easel: Easel, words: Words) -> None:
    """Draw a jumper with knitted rows and a hem tag."""
    main = easel.look.light
    easel.polygon([(60, 250), (190, 110), (230, 200), (130, 460)], mixed(main, easel.look.main, 0.5), cell=60)
    easel.polygon([(540, 250), (410, 110), (370, 200), (470, 460)], mixed(main, easel.look.main, 0.5), cell=60)
    easel.polygon([(190, 105), (250, 95), (300, 125), (350, 95), (410, 105), (420, 530), (180, 530)], cell=70)
    draw = ImageDraw.Draw(easel.picture)
    for row in range(20):
        for column in range(12):
            x, y = (195 + column * 18) * SCALE, (300 + row * 11) * SCALE
            draw.line(
                (x, y, x + 16, y + 14, x + 32, y), fill=mixed(easel.look.light, easel.look.main, row % 3 * 0.3), width=4
            )
    easel.label((225, 150, 375, 285), words)


def cap(easel: Easel, words: Words) -> None:
    """Draw a cap with a stitched peak and a front patch."""
    easel.polygon([(130, 360), (150, 230), (220, 150), (300, 125), (380, 150), (450, 230), (470, 360)])
    easel.polygon([(110, 360), (490, 360), (560, 450), (300, 420), (40, 450)], easel.look.deep, cell=50)
    easel.ellipse((285, 108, 315, 134), easel.look.deep)
    easel.label((205, 185, 395, 350), words)


def tote(easel: Easel, words: Words) -> None:
    """Draw a tote bag with two handles."""
    draw = ImageDraw.Draw(easel.picture)
    for inset in (0, 26):
        box = ((200 + inset) * SCALE, (50 + inset) * SCALE, (400 - inset) * SCALE, 420 * SCALE)
        draw.arc(box, 180, 360, fill=easel.look.deep, width=26)
    easel.polygon([(110, 220), (490, 220), (520, 560), (80, 560)], easel.look.light, cell=80)
    easel.label((170, 280, 430, 520), words)


def rabbit(easel: Easel, words: Words) -> None:
    """Draw a plush rabbit with a tag on its foot."""
    main = easel.look.main
    for left in (200, 320):
        easel.ellipse((left, 30, left + 80, 250), mixed(main, WHITE, 0.3), pattern=True)
    easel.ellipse((160, 280, 440, 580), mixed(main, WHITE, 0.4), pattern=True)
    easel.ellipse((150, 140, 450, 370), mixed(main, WHITE, 0.6))
    face(easel, 300, 250)
    easel.label((215, 400, 385, 550), words)


def card(easel: Easel, words: Words) -> None:
    """Draw a sheet of stickers."""
    easel.body((90, 50, 510, 560), 24, mixed(easel.look.light, WHITE, 0.4))
    easel.label((170, 75, 430, 260), words)
    for number in range(9):
        x, y = 165 + number % 3 * 135, 320 + number // 3 * 88
        easel.ellipse((x - 38, y - 36, x + 38, y + 36), mixed(easel.look.main, WHITE, number % 4 * 0.2))
        face(easel, x, y, 0.42)


def ring(easel: Easel, words: Words) -> None:
    """Draw a key ring with a cloud charm."""
    draw = ImageDraw.Draw(easel.picture)
    draw.ellipse((230 * SCALE, 30 * SCALE, 370 * SCALE, 170 * SCALE), outline=(170, 172, 180), width=24)
    for link in range(3):
        top = (160 + link * 30) * SCALE
        draw.ellipse((288 * SCALE, top, 312 * SCALE, top + 38 * SCALE), outline=(140, 142, 150), width=12)
    for box in ((110, 320, 300, 510), (300, 320, 490, 510), (190, 250, 410, 470), (160, 390, 440, 540)):
        easel.ellipse(box, mixed(easel.look.main, WHITE, 0.45), pattern=True)
    face(easel, 300, 330)
    easel.label((215, 385, 385, 525), words)


def lamp(easel: Easel, words: Words) -> None:
    """Draw a moon lamp on a base."""
    easel.ellipse((110, 50, 490, 430), (252, 238, 180), pattern=True)
    easel.ellipse((180, 110, 400, 330), (255, 250, 226))
    face(easel, 290, 225)
    easel.body((170, 400, 430, 570), 26)
    easel.label((205, 420, 395, 555), words)


def case(easel: Easel, words: Words) -> None:
    """Draw an earphone case with its two buds."""
    for left in (170, 340):
        easel.ellipse((left, 70, left + 90, 160), WHITE)
        easel.body((left + 30, 130, left + 58, 250), 12, WHITE, pattern=False)
        easel.ellipse((left + 22, 92, left + 68, 138), easel.look.deep, pattern=True)
    easel.body((120, 240, 480, 540), 80)
    easel.label((190, 290, 410, 500), words)


def speaker(easel: Easel, words: Words) -> None:
    """Draw a round speaker with a grille."""
    easel.ellipse((90, 90, 510, 510), easel.look.main, pattern=True)
    draw = ImageDraw.Draw(easel.picture)
    for row in range(14):
        for column in range(22):
            x, y = 130 + column * 16 + row % 2 * 8, 130 + row * 9
            if math.hypot(x - 300, y - 300) < 195:  # noqa: PLR2004 (inside the round body)
                draw.ellipse((x * SCALE, y * SCALE, x * SCALE + 9, y * SCALE + 9), fill=BLACK)
    easel.label((180, 285, 420, 465), words)


def slab(easel: Easel, words: Words) -> None:
    """Draw a flat power bank with lights."""
    easel.body((170, 40, 430, 565), 40)
    easel.label((200, 150, 400, 440), words)
    for light in range(4):
        easel.ellipse((235 + light * 36, 480, 255 + light * 36, 500), easel.look.light)
    easel.body((260, 60, 340, 84), 8, BLACK, pattern=False)


def cube(easel: Easel, words: Words) -> None:
    """Draw a charger seen from a corner, with its prongs."""
    for left in (350, 420):
        easel.body((left, 60, left + 22, 150), 6, (190, 190, 196), pattern=False)
    easel.polygon([(120, 220), (300, 130), (510, 140), (400, 240)], easel.look.light, cell=70)
    easel.polygon([(400, 240), (510, 140), (510, 440), (400, 560)], mixed(easel.look.main, BLACK, 0.35), cell=70)
    easel.body((120, 225, 402, 560), 12)
    easel.label((150, 260, 370, 470), words)
    easel.body((180, 495, 250, 520), 10, BLACK, pattern=False)
    easel.body((275, 495, 345, 520), 10, BLACK, pattern=False)


def coil(easel: Easel, words: Words) -> None:
    """Draw a braided cable, coiled, on its card."""
    easel.body((90, 60, 510, 560), 16, mixed(easel.look.light, WHITE, 0.2))
    draw = ImageDraw.Draw(easel.picture)
    for turn in range(6):
        box = tuple(edge * SCALE for edge in (140 + turn * 14, 280 + turn * 9, 460 - turn * 14, 530 - turn * 9))
        draw.ellipse(box, outline=easel.look.deep if turn % 2 else easel.look.main, width=18)
    for x in (380, 440):
        easel.body((x, 400, x + 40, 540), 8, BLACK, pattern=False)
    easel.label((150, 80, 450, 265), words)


def face(easel: Easel, x: int, y: int, size: float = 1.0) -> None:
    """Draw eyes, cheeks and a mouth around a point."""
    draw = ImageDraw.Draw(easel.picture)
    unit = size * SCALE
    cx, cy = x * SCALE, y * SCALE
    for side in (-1, 1):
        eye, cheek = cx + side * 48 * unit, cx + side * 80 * unit
        draw.ellipse((eye - 13 * unit, cy - 18 * unit, eye + 13 * unit, cy + 14 * unit), fill=BLACK)
        draw.ellipse((eye - 6 * unit, cy - 13 * unit, eye + 2 * unit, cy - 4 * unit), fill=WHITE)
        draw.ellipse((cheek - 17 * unit, cy + 10 * unit, cheek + 17 * unit, cy + 32 * unit), fill=(255, 150, 160))
    draw.arc((cx - 22 * unit, cy + 6 * unit, cx, cy + 28 * unit), 0, 180, fill=BLACK, width=round(5 * unit) + 1)
    draw.arc((cx, cy + 6 * unit, cx + 22 * unit, cy + 28 * unit), 0, 180, fill=BLACK, width=round(5 * unit) + 1)


def emblem(easel: Easel, words: Words) -> None:
    """Draw the logo: the motif in a ring, the mark in two scripts."""
    deep, main = easel.look.deep, easel.look.main
    easel.picture.paste(WHITE, (0, 0, *easel.picture.size))
    draw = ImageDraw.Draw(easel.picture)
    draw.ellipse((190 * SCALE, 60 * SCALE, 410 * SCALE, 280 * SCALE), fill=easel.look.light, outline=deep, width=14)
    one_figure(draw, easel.look.motif, (300 * SCALE, 170 * SCALE), 84 * SCALE, main)
    for x in (235, 365):
        one_figure(draw, easel.look.motif, (x * SCALE, 170 * SCALE), 22 * SCALE, deep)
    easel.write(words.latin, (300, 380), 520, 110, serif=easel.look.serif)
    draw.line((100 * SCALE, 458 * SCALE, 500 * SCALE, 458 * SCALE), fill=main, width=8)
    easel.write(words.hangul, (300, 510), 460, 72, colour=main)


def character(easel: Easel, words: Words) -> None:
    """Draw the brand's character, waving."""
    main = easel.look.main
    if easel.look.motif == "hearts":
        for left in (205, 315):
            easel.ellipse((left, 20, left + 80, 230), mixed(main, WHITE, 0.3))
    else:
        easel.polygon([(300, 20), (330, 110), (270, 110)], main)
    easel.ellipse((400, 300, 520, 380), mixed(main, WHITE, 0.4))
    easel.ellipse((90, 380, 200, 460), mixed(main, WHITE, 0.4))
    easel.ellipse((170, 300, 430, 560), main, pattern=True)
    easel.ellipse((130, 110, 470, 370), mixed(main, WHITE, 0.6))
    face(easel, 300, 245, 1.3)
    easel.write(words.latin, (300, 480), 200, 44)


SHAPES: dict[str, Shape] = {
    shape.__name__: shape
    for shape in (
        dropper, jar, bottle, tube, flask, stick, pouch, cup, bag, jacket, knit, cap, tote, rabbit, card, ring, lamp,
        case, speaker, slab, cube, coil, emblem, character,
    )
}  # fmt: skip
