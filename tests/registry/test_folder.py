import struct
import unicodedata
import zlib

import pytest
import time_machine

from contracts.errors import BadInput, ManyBadInputs
from contracts.match import Script
from registry import folder
from tests.registry.folders import TOML, png, write


def problems(path):
    with pytest.raises((BadInput, ManyBadInputs)) as caught:
        folder.read(path)
    error = caught.value
    return [(p.field, p.expected, p.got) for p in ([error] if isinstance(error, BadInput) else error.problems)]


def a_bomb() -> bytes:
    """Return a PNG of a few kilobytes whose header says 30,000 x 30,000."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_folder_that_fits(tmp_path):
    read = folder.read(write(tmp_path))

    assert set(read.files) == {"serum.png", "rights/kr.pdf", "poa.pdf"}
    assert [(s.text, s.resolved()) for s in read.brand.marks[0].spellings] == [
        ("하늘빛", Script.HANGUL),
        ("晗露碧", Script.HAN_SIMPLIFIED),
    ]
    assert read.files["serum.png"] == png()


BAD_VALUES = [
    ("an unknown key", 'slug = "haneulbit"', 'slug = "haneulbit"\ncolour = "red"', "colour", "Extra inputs", "red"),
    ("an unknown key deep down", 'currency = "KRW"', 'currency = "KRW"\ncost = 1', "products.0.cost", "Extra", 1),
    ("no name", 'name = "Haneulbit"\n', "", "name", "required", None),
    ("a country that is none", '["US"]', '["XX"]', "authorised_sellers.0.territory.0", "ISO 3166", "XX"),
    ("a country in words", '["US"]', '["Korea"]', "authorised_sellers.0.territory.0", "ISO 3166", "Korea"),
    ("the United Kingdom's other name", '["US"]', '["UK"]', "authorised_sellers.0.territory.0", "ISO 3166", "UK"),
    ("a currency that is none", '"KRW"', '"WON"', "products.0.currency", "ISO 4217", "WON"),
    ("a register that is none", 'office = "KR"', 'office = "KIPO"', "rights.0.office", "register", "KIPO"),
    ("a price below nothing", '"32000"', '"-1"', "products.0.price", "greater than or equal", "-1"),
    ("a price in words", '"32000"', '"32,000원"', "products.0.price", "decimal", "32,000원"),
    ("a price that is no number", '"32000"', '"NaN"', "products.0.price", "finite", "NaN"),
    ("a class that is none", "classes = [3]", "classes = [46]", "rights.0.classes.0", "less than or equal to 45", 46),
    ("a trademark without class", "classes = [3]", "classes = []", "rights.0.classes", "at least one Nice class", []),
    ("a trademark without number", '"40-990101"', '""', "rights.0.number", "the number in the register", ""),
    ("an expiry before", "2031-03-11", "2020-03-11", "rights.0.expires_on", "not before registered_on", None),
    ("a day that is none", "2031-03-11", '"2031-02-30"', "rights.0.expires_on", "valid date", "2031-02-30"),
    ("a seller's market in capitals", '"harborlane"', '"Harbor Lane"', "authorised_sellers.0.market", "pattern", None),
    ("a kind of picture that is none", 'kind = "product"', 'kind = "photo"', "images.0.kind", "'logo'", "photo"),
    ("a status that is none", 'status = "registered"', 'status = "ok"', "rights.0.status", "'pending'", "ok"),
    ("a script that is none", '"Hans"', '"Chinese"', "marks.0.spellings.1.script", "'Hans'", "Chinese"),
    ("a mark nobody registered", 'mark = "Haneulbit"', 'mark = "Other"', "rights.0.mark", "text of [[marks]]", "Other"),
    ("a product that is none", 'product = "serum"', 'product = "x"', "images.0.product", "code of [[products]]", "x"),
    ("a spelling twice", '"하늘빛",', '"하늘빛", "하늘빛",', "marks.0.spellings.1", "not given before", "하늘빛"),
    ("a control character", '"Dew serum"', '"Dew\\u0000serum"', "products.0.name", "control", "Dew\0serum"),
    ("a table that is none", "[[marks]]", "[marks]", "marks", "tuple", None),
    (
        "Madrid without countries",
        'office = "KR"',
        'office = "WO"\ndesignations = []',
        "rights.0.designations",
        "extended",
        [],
    ),
    (
        "countries without Madrid",
        'office = "KR"',
        'office = "KR"\ndesignations = ["SG"]',
        "rights.0.designations",
        "no designations",
        ["SG"],
    ),
    ("a file outside", '"serum.png"', '"../serum.png"', "images.0.file", "inside the brand's folder", "../serum.png"),
    ("a file by its whole path", '"serum.png"', '"/etc/passwd"', "images.0.file", "inside", "/etc/passwd"),
    ("a Windows path", '"serum.png"', "'..\\serum.png'", "images.0.file", "inside", "..\\serum.png"),
    ("a file that is not there", '"rights/kr.pdf"', '"kr.pdf"', "rights.0.certificate", "a file in", "kr.pdf"),
    ("a folder as file", '"rights/kr.pdf"', '"rights"', "rights.0.certificate", "a file in", "rights"),
    ("a paper as picture", 'file = "serum.png"', 'file = "poa.pdf"', "images.0.file", "a picture", "poa.pdf"),
    (
        "a paper that is text",
        'file = "poa.pdf"',
        'file = "brand.toml"',
        "powers_of_attorney.0.file",
        "a PDF",
        "brand.toml",
    ),
]


@pytest.mark.parametrize(("old", "new", "field", "expected", "got"), [b[1:] for b in BAD_VALUES], ids=[b[0] for b in BAD_VALUES])  # fmt: skip
def test_a_value_that_does_not_fit_is_named(tmp_path, old, new, field, expected, got):
    assert old in TOML
    found = problems(write(tmp_path, TOML.replace(old, new, 1)))

    mine = [problem for problem in found if problem[0] == field]
    assert mine, found
    assert expected in mine[0][1]
    if got is not None:
        assert mine[0][2] == got
    assert all("Value error" not in problem[1] for problem in found)


TABLES = TOML.split("\n[[")


@pytest.mark.parametrize("table", ["marks", "products", "images", "rights", "powers_of_attorney", "authorised_sellers"])
def test_an_entry_given_twice_is_named(tmp_path, table):
    [entry] = [part for part in TABLES if part.startswith(table)]
    found = problems(write(tmp_path, f"{TOML}\n[[{entry}"))
    assert [problem[0].rsplit(".", 1)[0] for problem in found] == [f"{table}.1"]
    assert f"{table}.0" in found[0][1]


def test_the_same_picture_under_two_names_is_named(tmp_path):
    write(tmp_path, TOML + '\n[[images]]\nfile = "copy.png"\nkind = "logo"\n')
    (tmp_path / "copy.png").write_bytes(png())
    assert problems(tmp_path) == [("images.1.file", "other content than 'serum.png' has", "copy.png")]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<html>not a picture</html>", "not a picture"),
        (b"", "not a picture"),
        (png(size=(400, 400))[:600], "broken picture"),
        (a_bomb(), "larger than 40,000,000 pixels"),
        (b"%PDF-1.4", "not a picture"),
    ],
    ids=["html", "empty", "truncated", "bomb", "pdf"],
)
def test_a_picture_that_is_none_is_named(tmp_path, content, word):
    write(tmp_path)
    (tmp_path / "serum.png").write_bytes(content)
    [(field, expected, got)] = problems(tmp_path)
    assert (field, got) == ("images.0.file", "serum.png")
    assert word in expected


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    outside = tmp_path / "secret.png"
    outside.write_bytes(png())
    inside = write(tmp_path / "brand")
    (inside / "serum.png").unlink()
    (inside / "serum.png").symlink_to(outside)
    assert problems(inside) == [
        ("images.0.file", "a file inside the brand's folder, not a link out of it", "serum.png")
    ]


def test_a_file_too_large_is_not_read(tmp_path):
    write(tmp_path)
    with (tmp_path / "poa.pdf").open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    [(field, expected, _)] = problems(tmp_path)
    assert (field, "20,971,520" in expected) == ("powers_of_attorney.0.file", True)


def test_everything_wrong_is_told_at_once(tmp_path):
    toml = (
        TOML.replace('"KRW"', '"WON"')
        .replace('"serum.png"', '"gone.png"')
        .replace('["US"]', '["XX"]')
        .replace("2031-03-11", "2011-03-11")
        .replace('mark = "Haneulbit"', 'mark = "Other"')
    )
    write(tmp_path, toml)
    (tmp_path / "poa.pdf").write_bytes(b"hello")
    assert {problem[0] for problem in problems(tmp_path)} == {
        "products.0.currency",
        "images.0.file",
        "authorised_sellers.0.territory.0",
        "rights.0.expires_on",
        "rights.0.mark",
        "powers_of_attorney.0.file",
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"name = ", "TOML"),
        (b'name = "\xff"', "UTF-8"),
        (b"", "required"),
        (b'name = "a"\nname = "b"', "TOML"),
    ],
    ids=["torn", "not UTF-8", "empty", "key twice"],
)
def test_toml_that_is_none(tmp_path, content, expected):
    assert expected in problems(write(tmp_path, content))[0][1]


def test_a_look_into_the_register_lies_in_the_past(tmp_path):
    toml = TOML.replace('status = "registered"', 'status = "registered"\nstatus_checked_on = 2026-05-02')
    with time_machine.travel("2026-05-01T12:00:00Z"):
        assert problems(write(tmp_path, toml))[0][0] == "rights.0.status_checked_on"
    with time_machine.travel("2026-05-02T12:00:00Z"):
        folder.read(tmp_path)


def test_hangul_written_in_pieces_is_the_same_word(tmp_path):
    """A Mac hands over file names, and sometimes texts, in decomposed letters."""
    pieces = unicodedata.normalize("NFD", "세럼.png")
    write(tmp_path, TOML.replace("serum.png", "세럼.png").replace("하늘빛", unicodedata.normalize("NFD", "하늘빛")))
    (tmp_path / "serum.png").rename(tmp_path / pieces)
    read = folder.read(tmp_path)
    assert "세럼.png" in read.files
    assert read.brand.marks[0].spellings[0].text == "하늘빛"


def test_a_mark_windows_editors_put_in_front_is_no_error(tmp_path):
    folder.read(write(tmp_path, b"\xef\xbb\xbf" + TOML.encode()))


def test_what_is_a_brand_folder(tmp_path):
    write(tmp_path / "all/one")
    write(tmp_path / "all/two")
    (tmp_path / "all/.git").mkdir()
    (tmp_path / "all/notes.txt").write_text("x")
    assert folder.brand_folders(tmp_path / "all/one") == [tmp_path / "all/one"]
    assert [path.name for path in folder.brand_folders(tmp_path / "all")] == ["one", "two"]
    for wrong in ("nowhere", "all/notes.txt", "all/.git"):
        with pytest.raises(BadInput):
            folder.brand_folders(tmp_path / wrong)
