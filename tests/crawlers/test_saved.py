import base64
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from contracts.errors import BadInput
from contracts.listing import PageOutcome
from crawlers import saved
from crawlers.markets import SHOP, whose
from crawlers.reading import read_page
from crawlers.saved import SavedPage, read_saved

URL = "https://harborlane.example/itm/700100200"
PICTURE_URL = "https://harborlane.example/img/1.png"
PICTURE = b"\x89PNG\r\n\x1a\n and so on"
PRODUCT = {
    "@context": "https://schema.org",
    "@type": "Product",
    "sku": "700100200",
    "name": "하늘빛 Dew Serum – 50 ml",
    "url": "/itm/700100200",
    "image": [PICTURE_URL],
    "offers": {"@type": "Offer", "price": "4.90", "priceCurrency": "USD"},
}
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Serum</title>'
    f'<script type="application/ld+json">{json.dumps(PRODUCT, ensure_ascii=False)}</script></head><body>Serum</body></html>'
)
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def read(tmp_path, data, name="file"):
    path = tmp_path / "kept-under-another-name"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(read_saved(path, name))


def titles(page):
    owner = whose(str(page.response.url))
    reading = read_page(page.response, market=owner.market, manifest=owner.manifest)
    assert reading.outcome is PageOutcome.OK, reading.reason
    return [listing.title for listing in reading.listings]


def the_serum(page):
    assert titles(page) == ["하늘빛 Dew Serum – 50 ml"]
    return True


# -- saved pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        f"<!-- saved from url=({len(URL):04}){URL} -->\n",
        f"<!DOCTYPE html>\n<!-- saved from url=({len(URL):04}){URL} -->",
        f"<!--\n Page saved with SingleFile \n url: {URL} \n saved date: Thu Nov 26 2026 21:00:00 GMT+0900 (KST)\n-->",
    ],
)
def test_a_saved_page_tells_where_it_came_from(tmp_path, head):
    (page,) = read(tmp_path, head + PAGE, "serum.html")
    assert (str(page.response.url), page.where, page.answer) == (URL, "serum.html", False)
    assert page.observed_at in {None, NOON}
    assert ("SingleFile" in head) is (page.observed_at == NOON)
    assert the_serum(page)


@pytest.mark.parametrize(
    "tag",
    [
        f'<link rel="canonical" href="{URL}">',
        f"<link href='{URL}' rel=canonical>",
        f'<meta property="og:url" content="{URL}">',
    ],
)
def test_a_page_without_that_is_known_by_the_address_it_gives_itself(tmp_path, tag):
    (page,) = read(tmp_path, PAGE.replace("<title>", f"{tag}<title>"))
    assert str(page.response.url) == URL


def test_a_page_that_tells_nothing_is_still_read(tmp_path):
    (page,) = read(tmp_path, "<p>Dear Sua</p>")
    assert str(page.response.url) == "about:blank"
    assert whose("about:blank").market == SHOP


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "ht!tp://x"])
def test_an_address_that_is_none_is_not_believed(tmp_path, url):
    (page,) = read(tmp_path, f"<!-- saved from url=({len(url):04}){url} -->{PAGE}")
    assert str(page.response.url) == "about:blank"


# -- MHTML -------------------------------------------------------------------------------------------------------------


def mhtml(charset="utf-8", date="Thu, 26 Nov 2026 12:00:00 -0000"):
    body = base64.encodebytes(PAGE.encode(charset, "xmlcharrefreplace")).decode()
    picture = base64.encodebytes(PICTURE).decode()
    return (
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {URL}\r\nSubject: Serum\r\nDate: {date}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--b--"\r\n\r\n\r\n'
        f"----b--\r\nContent-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: {URL}\r\n\r\n{body}\r\n"
        f"----b--\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: {PICTURE_URL}\r\n\r\n{picture}\r\n----b----\r\n"
    )


def test_an_mhtml_file_brings_its_page_with_pictures_and_time(tmp_path):
    (page,) = read(tmp_path, mhtml())
    assert str(page.response.url) == URL
    assert page.observed_at is None  # -0000 tells no zone
    assert page.pictures == {PICTURE_URL: PICTURE}
    assert the_serum(page)
    assert read(tmp_path, mhtml(date="Thu, 26 Nov 2026 21:00:00 +0900"))[0].observed_at == NOON


def test_an_mhtml_file_in_another_charset_is_read_right(tmp_path):
    (page,) = read(tmp_path, mhtml("euc-kr"))
    assert the_serum(page)


def test_an_mhtml_file_without_a_page_is_named(tmp_path):
    (problem,) = read(tmp_path, mhtml().replace("text/html; charset", "text/css; charset"))
    assert isinstance(problem, BadInput)
    assert "an MHTML file with a page" in str(problem)


# -- HAR ---------------------------------------------------------------------------------------------------------------


def entry(url=URL, kind="text/html; charset=euc-kr", text=PAGE, status=200, **content):
    return {
        "startedDateTime": "2026-11-26T21:00:00.000+09:00",
        "request": {"method": "GET", "url": url},
        "response": {"status": status, "content": {"mimeType": kind, "text": text, **content}},
    }


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "entries": list(entries)}}, ensure_ascii=False)


def test_a_har_file_brings_pages_and_answers_with_their_pictures(tmp_path):
    answer = json.dumps({"code": 200, "msg": "ok", "data": {"items": [{"itemId": "5", "title": "Serum"}]}})
    picture = base64.b64encode(PICTURE).decode()
    pages = read(
        tmp_path,
        har(
            entry(),
            entry("https://longshi.example/api/search", "application/json", answer),
            entry(PICTURE_URL, "image/png", picture, encoding="base64"),
            entry(kind="text/css", text="p {}"),
            entry(status=302, text="moved"),
            entry(text=base64.b64encode(PAGE.encode()).decode(), encoding="base64", status=0),
        ),
        "visit.har",
    )
    assert [page.where for page in pages] == ["visit.har, entry 1", "visit.har, entry 2", "visit.har, entry 6"]
    assert [page.answer for page in pages] == [False, True, False]
    assert [page.status for page in pages] == [200, 200, None]
    assert {page.observed_at for page in pages} == {NOON}
    assert pages[0].pictures == {PICTURE_URL: PICTURE}
    assert the_serum(pages[0])
    assert titles(pages[1]) == ["Serum"]
    assert the_serum(pages[2])


def test_a_saved_answer_is_read_as_one(tmp_path):
    (page,) = read(tmp_path, '{"code": 200, "msg": "ok"}')
    assert page.response.body == b'{"code": 200, "msg": "ok"}'


@pytest.mark.parametrize("torn", ['{"log": {"entries": [', "[" * 100_000, '{"log": ]}'])
def test_torn_json_is_named(tmp_path, torn):
    (problem,) = read(tmp_path, torn)
    assert isinstance(problem, BadInput)


# -- WARC and WACZ -----------------------------------------------------------------------------------------------------


def warc(*records, gzip=True):
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=gzip)
    writer.write_record(writer.create_warcinfo_record("x.warc", {"software": "test"}))
    for url, kind, body, *status in records:
        headers = StatusAndHeaders(str(*status or ("200 OK",)), [("Content-Type", kind)], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=headers,
                warc_headers_dict={"WARC-Date": "2026-11-26T12:00:00Z"},
            )
        )
    return buffer.getvalue()


HTML = (URL, "text/html", PAGE.encode())
RECORDS = (HTML, (PICTURE_URL, "image/png", PICTURE), (URL + "?old", "text/html", b"moved", "301 Moved"))


def wacz(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        warc(*RECORDS),
        warc(*RECORDS, gzip=False),
        wacz(**{"datapackage.json": "{}", "archive/data.warc.gz": warc(*RECORDS)}),
        wacz(**{"../../../tmp/evil.warc": warc(*RECORDS, gzip=False)}),
    ],
)
def test_an_archive_brings_its_pages_with_pictures_that_follow_them(tmp_path, data):
    (page,) = read(tmp_path, data)
    assert (str(page.response.url), page.status, page.observed_at) == (URL, 200, NOON)
    assert page.pictures == {PICTURE_URL: PICTURE}
    assert the_serum(page)


def test_nothing_of_an_archive_is_unpacked_to_disk(tmp_path):
    before = set(tmp_path.parent.rglob("*"))
    read(tmp_path, wacz(**{"../evil.warc": warc(*RECORDS), "/etc/evil.warc.gz": warc(*RECORDS)}))
    assert {path.name for path in set(tmp_path.parent.rglob("*")) - before} == {"kept-under-another-name"}


def test_a_torn_archive_gives_what_is_whole_and_names_the_rest(tmp_path):
    whole = warc(HTML, HTML)
    page, *rest = read(tmp_path, whole[: len(whole) - 40], "torn.warc.gz")
    assert the_serum(page)
    assert [isinstance(problem, BadInput) for problem in rest if not isinstance(problem, SavedPage)] in ([True], [])


@pytest.mark.parametrize("data", [b"PK\x03\x04 torn", wacz(**{"index.html": PAGE}), b"\x1f\x8b torn", b"WARC/1.0 torn"])
def test_what_only_begins_like_an_archive_is_named(tmp_path, data):
    (problem,) = read(tmp_path, data, "x.wacz")
    assert isinstance(problem, BadInput)
    assert problem.where.startswith("x.wacz")


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "MOST_UNPACKED", 1_000_000)
    bomb = wacz(**{"archive/a.warc": b"WARC/1.0\r\n" + b"\0" * 5_000_000})
    assert len(bomb) < 10_000
    (problem,) = read(tmp_path, bomb)
    assert "at most 1,000,000 bytes unpacked" in str(problem)


def test_a_page_larger_than_any_page_is_named_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "LARGEST_PAGE", 5000)
    large = (URL, "text/html", b"x" * 6000)
    problem, page = read(tmp_path, warc(large, HTML))
    assert "at most 5,000 bytes" in str(problem)
    assert the_serum(page)
    problem, page = read(tmp_path, har(entry(text="x" * 6000), entry()))
    assert "at most 5,000 bytes" in str(problem)
    assert the_serum(page)
    (problem,) = read(tmp_path, "x" * 6000)
    assert "at most 5,000 bytes" in str(problem)


def test_pictures_are_held_up_to_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "MOST_PICTURES", 30)
    pictures = [(f"{PICTURE_URL}?{number}", "image/png", b"twenty bytes of data") for number in range(9)]
    (page,) = read(tmp_path, warc(HTML, *pictures))
    assert list(page.pictures) == [f"{PICTURE_URL}?0"]


# -- whatever comes ----------------------------------------------------------------------------------------------------

STARTS = st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"WARC/1.0\r\n", b"{", b"[", b"<html>", b"\xff\xfe"])
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def never_raises(tmp_path, data):
    for page in read(tmp_path, data):
        assert isinstance(page, (SavedPage, BadInput))
        if isinstance(page, SavedPage):
            read_page(page.response, market="harborlane", manifest=whose(URL).manifest)


@quick
@given(start=STARTS, rest=st.binary(max_size=400))
def test_hostile_bytes_never_raise(tmp_path, start, rest):
    never_raises(tmp_path, start + rest)


WHOLE = [mhtml().encode(), har(entry()).encode(), warc(*RECORDS), warc(*RECORDS, gzip=False)]
WHOLE.append(wacz(**{"archive/data.warc.gz": warc(*RECORDS)}))


@quick
@given(st.sampled_from(WHOLE), st.data())
def test_damaged_files_never_raise(tmp_path, whole, data):
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    never_raises(tmp_path, bytes(damaged[: data.draw(st.integers(1, len(damaged)))]))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
fields = ["startedDateTime", "request", "response", "url", "status", "content", "mimeType", "text", "encoding"]
hostile_entry = st.recursive(
    anything, lambda inner: st.dictionaries(st.sampled_from(fields), inner | anything, max_size=6), max_leaves=12
)


@quick
@given(st.lists(hostile_entry, max_size=4))
def test_hostile_har_entries_never_raise(tmp_path, entries):
    never_raises(tmp_path, har(*entries))
