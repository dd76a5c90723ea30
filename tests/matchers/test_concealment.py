import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from contracts.match import Region
from matchers.images.concealment import How, find
from matchers.images.descriptor import describe_picture
from matchers.images.verify import agree, laid

LATIN = "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf"
SIZE = (480, 400)
NAME = (120, 150, 360, 210)  # where the mark stands
SMALL = (150, 250, 330, 275)
AS_IT_IS = (1, 0, 0, 0, 1, 0, 0, 0, 1)


def registered():
    """A packshot of our own: patterned, with a mark and a line of small print."""
    dice = np.random.default_rng(5)
    rough = Image.fromarray(dice.integers(120, 235, (10, 12, 3), dtype=np.uint8))
    picture = rough.resize(SIZE, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for x, y, size, red, green, blue in dice.integers(0, 256, (50, 6)):
        pen.rectangle((2 * x, 1.6 * y, 2 * x + size / 6, 1.6 * y + size / 8), fill=(int(red), int(green), int(blue)))
    pen.rounded_rectangle((90, 120, 390, 300), 12, fill="ivory", outline="black", width=3)
    pen.text((124, 148), "Haneulbit", font=ImageFont.truetype(LATIN, 48), fill="navy")
    pen.text((150, 248), "dew serum 50 ml", font=ImageFont.truetype(LATIN, 22), fill="maroon")
    return picture


def share(box):
    left, top, right, bottom = box
    width, height = SIZE
    return Region(left=left / width, top=top / height, width=(right - left) / width, height=(bottom - top) / height)


def grey(picture, quality=80):
    pixels = cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY)
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)


def found(copy):
    query, reference = describe_picture(copy, "1"), describe_picture(registered(), "2")
    onto = laid(agree(query, reference), query, reference)
    return find(grey(copy), grey(registered(), 95), [share(NAME), share(SMALL)], onto.ravel())


def blurred(picture):
    picture.paste(picture.crop(NAME).filter(ImageFilter.GaussianBlur(14)), NAME[:2])


def masked(picture):
    ImageDraw.Draw(picture).rectangle(NAME, fill="white")


def pixelated(picture):
    part = picture.crop(NAME)
    small = part.resize((part.width // 20, part.height // 20), Image.Resampling.BOX)
    picture.paste(small.resize(part.size, Image.Resampling.NEAREST), NAME[:2])


def stickered(picture):
    pen = ImageDraw.Draw(picture)
    for x in (150, 240, 330):
        pen.ellipse((x - 48, 132, x + 48, 228), fill="gold", outline="black", width=3)
        pen.ellipse((x - 18, 160, x - 8, 176), fill="black")
        pen.ellipse((x + 8, 160, x + 18, 176), fill="black")
        pen.arc((x - 26, 160, x + 26, 210), 20, 160, fill="black", width=5)


def same(picture):
    return picture


def cropped(picture):
    return picture.crop((30, 20, 460, 380))


def halved(picture):
    return picture.resize((picture.width * 3 // 5, picture.height * 3 // 5), Image.Resampling.BICUBIC)


def turned(picture):
    return picture.rotate(7, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


HIDING = [
    (blurred, How.BLURRED),
    (masked, How.COVERED),
    (pixelated, How.BLURRED),
    (stickered, How.STICKERED),
]


@pytest.mark.parametrize("edit", [same, cropped, halved, turned, ImageOps.mirror])
@pytest.mark.parametrize(("hide", "how"), HIDING)
def test_a_hidden_mark_is_found_in_an_edited_copy(hide, how, edit):
    copy = registered()
    hide(copy)

    (line,) = found(edit(copy))

    assert line.how is how


def test_the_region_lies_on_the_listings_picture():
    copy = registered()
    masked(copy)
    (line,) = found(ImageOps.mirror(copy.crop((60, 40, 480, 400))))
    left, top = (480 - 360) / 420, (150 - 40) / 360  # mirrored: measured from the right

    assert line.region.left == pytest.approx(left, abs=0.01)
    assert line.region.top == pytest.approx(top, abs=0.01)
    assert line.region.width == pytest.approx(240 / 420, abs=0.01)


def banner(picture):
    ImageDraw.Draw(picture).rectangle((0, 320, 480, 400), fill="crimson")
    ImageDraw.Draw(picture).text((90, 335), "HOT SALE", font=ImageFont.truetype(LATIN, 40), fill="white")
    return picture


def watermarked(picture):
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    for row in range(10, 400, 60):
        words = "bargain shop   bargain shop"
        ImageDraw.Draw(layer).text((row % 90, row), words, font=ImageFont.truetype(LATIN, 26), fill=(90, 90, 90, 90))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def duller(picture):
    return ImageEnhance.Contrast(ImageEnhance.Brightness(picture).enhance(1.2)).enhance(0.6)


def softer(picture):
    return picture.filter(ImageFilter.GaussianBlur(1.6))


@pytest.mark.parametrize("edit", [same, cropped, halved, turned, ImageOps.mirror, banner, watermarked, duller, softer])
def test_what_sellers_do_to_whole_pictures_conceals_nothing(edit):
    assert found(edit(registered())) == ()


def test_a_mark_that_is_cropped_away_is_not_concealed():
    assert found(registered().crop((0, 225, 480, 400))) == ()


def test_other_pictures_and_empty_ones_conceal_nothing():
    other = registered().rotate(180).filter(ImageFilter.CONTOUR)

    for picture in (other, Image.new("RGB", SIZE, "white"), Image.new("RGB", (1, 2000), "white")):
        assert find(grey(picture), grey(registered()), [share(NAME)], AS_IT_IS) == ()
    thin = grey(Image.new("RGB", (1, 2000), "white"))
    assert find(grey(registered()), thin, [share(NAME)], (0.5, 0, 0, 0, 0.5, 0, 0, 0, 1)) == ()
    assert find(grey(registered()), grey(registered()), [], AS_IT_IS) == ()
