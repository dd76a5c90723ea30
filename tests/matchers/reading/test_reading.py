import io
import logging

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from contracts.match import Mark, Script, Spelling
from evidence.pictures import BadPicture
from matchers.reading import boxes, rapid, tesseract
from matchers.reading.lines import languages_for, read
from matchers.text import MarkIndex

CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
LATIN = "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf"
THAI = "/usr/share/fonts/truetype/noto/NotoSansThai-Bold.ttf"


def written(words, font=CJK, size=36, ink="black", ground=None, at=(60, 150), outline=None):
    picture = Image.new("RGB", (520, 360), "whitesmoke") if ground is None else ground.copy()
    ImageDraw.Draw(picture).text(
        at, words, font=ImageFont.truetype(font, size), fill=ink, stroke_width=3 if outline else 0, stroke_fill=outline
    )
    return picture


def busy():
    """A picture in which much happens everywhere, and no words."""
    dice = np.random.default_rng(3)
    rough = Image.fromarray(dice.integers(40, 220, (9, 13, 3), dtype=np.uint8))
    picture = rough.resize((520, 360), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for x, y, size, red, green, blue in dice.integers(0, 256, (60, 6)):
        pen.ellipse((2 * x, 1.4 * y, 2 * x + size / 4, 1.4 * y + size / 5), fill=(int(red), int(green), int(blue)))
    return picture


def encoded(picture, form="PNG"):
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


def said(picture, *languages):
    return [line.text for line in read(encoded(picture), languages=languages)]


def squeezed(texts):
    return "".join("".join(texts).split())


@pytest.mark.parametrize(
    ("words", "font", "language", "script"),
    [
        ("Haneulbit dew serum", LATIN, "ko", Script.LATIN),
        ("韩露堂 全新包邮", CJK, "ko", Script.HAN),
        ("本物ハヌルビッ", CJK, "ko", Script.KANA),
        ("하늘빛 세럼 정품", CJK, "ko", Script.HANGUL),
        ("ของแท้ ส่งฟรี", THAI, "th", Script.THAI),
        ("chất lượng siêu cấp", LATIN, "vi", Script.LATIN),
    ],
)
def test_words_are_read_in_their_script(words, font, language, script):
    (line,) = read(encoded(written(words, font)), languages=[language])

    assert squeezed(line.text) == squeezed(words)
    assert line.script is script
    assert line.confidence > 0.7


@pytest.mark.parametrize(("ink", "outline"), [("white", None), ("white", "black"), ("gold", "navy")])
def test_korean_is_read_off_a_busy_ground(ink, outline):
    ground = busy()
    if outline is None:
        ImageDraw.Draw(ground).rectangle((40, 130, 480, 210), fill=(150, 20, 60))

    texts = said(written("하늘빛 세럼", ink=ink, ground=ground, outline=outline, size=44), "ko")

    assert any("하늘빛" in text for text in texts)


def test_a_line_in_two_scripts_keeps_both():
    texts = squeezed(said(written("하늘빛 SERUM 50ml"), "ko"))

    assert "하늘빛" in texts
    assert "50ml" in texts


def test_a_mark_that_only_a_picture_names_is_found():
    spellings = tuple(Spelling(text=text) for text in ("Haneulbit", "하늘빛", "ฮานึลบิท"))
    index = MarkIndex([Mark(mark_id="m", spellings=spellings)])

    for words, font in (("ask for Haneulbit", LATIN), ("당일발송 하늘빛", CJK), ("ฮานึลบิท ทักแชท", THAI)):
        (line,) = read(encoded(written(words, font)), languages=["ko", "th"])
        assert index.search(line.text)[0].mark_id == "m"


def test_the_region_says_where_the_words_stand():
    (line,) = read(encoded(written("Haneulbit", LATIN, at=(260, 240))), languages=[])
    region = line.region

    assert 0.44 < region.left < 0.52
    assert 0.62 < region.top < 0.72
    assert 0.3 < region.width < 0.5
    assert 0.06 < region.height < 0.2


def test_words_that_stand_on_end_are_read():
    turned = written("Haneulbit serum", LATIN).rotate(90, expand=True)

    assert squeezed(said(turned)) == "Haneulbitserum"


def test_a_long_strip_is_read_from_its_beginning():
    strip = Image.new("RGB", (300, 6000), "white")
    pen = ImageDraw.Draw(strip)
    pen.text((20, 500), "Haneulbit", font=ImageFont.truetype(LATIN, 40), fill="black")
    pen.text((20, 5500), "Parangyeol", font=ImageFont.truetype(LATIN, 40), fill="black")
    (line,) = read(encoded(strip), languages=[])

    assert line.text == "Haneulbit"
    assert line.region.top == pytest.approx(510 / 6000, abs=0.01)


def test_the_same_picture_is_always_read_the_same_way():
    picture = encoded(written("하늘빛 세럼", ink="white", ground=busy(), outline="black"))

    assert read(picture, languages=["ko"]) == read(picture, languages=["ko"])


def test_no_words_are_read_where_there_are_none():
    assert said(Image.new("RGB", (400, 300), "white"), "ko", "th", "vi") == []
    assert said(busy(), "ko", "th", "vi") == []


@pytest.fixture
def counted(monkeypatch):
    """Count what is read; everything is still really read."""
    counts = {"rapid": 0, "tesseract": 0}

    def counting(name, really):
        def call(*arguments):
            counts[name] += 1
            return really(*arguments)

        return call

    monkeypatch.setattr(rapid, "read", counting("rapid", rapid.read))
    monkeypatch.setattr(tesseract, "read", counting("tesseract", tesseract.read))
    return counts


def test_a_wall_of_words_costs_no_more_than_a_few_lines(counted):
    wall = Image.new("RGB", (4000, 4000), "white")
    pen = ImageDraw.Draw(wall)
    small = ImageFont.truetype(CJK, 56)
    for row in range(0, 4000, 90):
        for column in range(0, 4000, 400):
            pen.text((column, row), "하늘빛", font=small, fill="black")
    read(encoded(wall), languages=["ko", "th"])

    assert counted["rapid"] == boxes.MOST
    # Eight lines, five renderings, two languages.
    assert 0 < counted["tesseract"] <= 80


@pytest.mark.parametrize("size", [(1, 10_000), (10_000, 1), (1, 1), (15, 4000), (16, 9000)])
def test_shapes_nobody_can_read_cost_nothing(size, counted):
    assert said(Image.new("RGB", size, "white"), "ko") == []
    assert counted == {"rapid": 0, "tesseract": 0}


def test_what_is_no_picture_is_told_as_such():
    with pytest.raises(BadPicture):
        read(b"no picture", languages=["ko"])


def test_a_language_that_is_not_installed_is_said_once_and_left_out(monkeypatch, caplog):
    monkeypatch.setattr(tesseract, "PLACES", ())
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    tesseract.can_read.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert said(written("하늘빛 세럼"), "ko") == []
        assert said(written("Haneulbit", LATIN), "ko") == ["Haneulbit"]
    tesseract.can_read.cache_clear()

    (record,) = caplog.records
    assert "tesseract-ocr-kor" in record.getMessage()


def test_tesseract_data_is_found_where_the_environment_says(monkeypatch, tmp_path):
    (tmp_path / "tessdata").mkdir()
    (tmp_path / "tessdata" / "kor.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))

    assert tesseract.data_of("ko") == tmp_path / "tessdata"


def test_the_languages_follow_from_marks_and_site():
    assert languages_for(()) == ("ko",)
    assert languages_for({Script.LATIN, Script.THAI}) == ("ko", "th")
    assert languages_for((), site="VN") == ("ko", "vi")
    assert languages_for((), site="TH") == ("ko", "th")
