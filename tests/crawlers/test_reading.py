import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web_poet import HttpResponse

from contracts.listing import Listing, PageOutcome
from contracts.market import manifests
from crawlers.reading import LARGEST_PAGE, PageKind, read_page

FIXTURES = Path(__file__).parent / "fixtures"
PAGES = [path for path in sorted(FIXTURES.glob("*/*")) if not path.name.endswith(".expected.json")]


def read(body, market="unlisted", **kwargs):
    body = body if isinstance(body, bytes) else body.encode()
    return read_page(HttpResponse("about:blank", body), market=market, manifest=manifests().get(market), **kwargs)


def product(**changes):
    node = {
        "@type": "Product",
        "name": "Haneulbit Cream",
        "offers": {"price": "9.90", "priceCurrency": "EUR"},
        **changes,
    }
    return f'<html><head><script type="application/ld+json">{json.dumps(node).replace("</", "<" + chr(92) + "/")}</script></head><body></body></html>'


def test_an_unlisted_market_is_read_with_a_warning():
    (listing,) = read(product()).listings

    assert (listing.title, str(listing.price), listing.currency) == ("Haneulbit Cream", "9.90", "EUR")
    assert listing.warnings == ("unlisted has no manifest: read by structured data alone",)


@pytest.mark.parametrize("market", [name for name, manifest in manifests().items() if manifest.page_module])
def test_a_market_falls_back_on_structured_data(market):
    page = product().replace("<head>", '<head><link rel="canonical" href="https://shop.example/some/page">')

    assert [listing.title for listing in read(page, market).listings] == ["Haneulbit Cream"]


def test_a_title_of_html_is_text():
    (listing,) = read(product(name="<script>alert(1)</script><b>Haneul</b>bit &lt;3")).listings

    assert "<b>" not in listing.title
    assert "<script>" not in listing.title
    assert listing.title.endswith("bit <3")


def test_a_title_of_10000_characters_is_cut_with_a_warning():
    (listing,) = read(product(name="Haneul" * 2000)).listings

    assert len(listing.title) == 2000
    assert "title of 12000 characters was cut" in listing.warnings


def test_control_characters_and_half_surrogates_are_dropped():
    (listing,) = read(product(name="Haneul\x00bit\u200b \ud800Cream")).listings

    assert listing.title == "Haneulbit Cream"
    json.dumps(listing.to_json(), ensure_ascii=False).encode()


@pytest.mark.parametrize("charset", ["gbk", "gb18030", "big5", "shift_jis", "euc-kr"])
def test_a_declared_charset_is_used(charset):
    words = {
        "gbk": "韩国面霜",
        "gb18030": "韩国面霜",
        "big5": "韓國面霜",
        "shift_jis": "韓国クリーム",
        "euc-kr": "하늘빛 크림",
    }[charset]
    page = f'<html><head><meta charset="{charset}"><meta property="og:type" content="product"><meta property="og:title" content="{words}"></head></html>'

    assert [listing.title for listing in read(page.encode(charset)).listings] == [words]


def test_chinese_bytes_under_a_wrong_label_are_told_by_what_they_can_be():
    page = '<html><head><meta charset="utf-8"><meta property="og:type" content="product"><meta property="og:title" content="韩国面霜批发"></head></html>'

    assert [listing.title for listing in read(page.encode("gbk")).listings] == ["韩国面霜批发"]


@pytest.mark.parametrize("words", ["Crème d'été à Orléans, très bon état", "韩国面霜批发"])
def test_a_page_in_utf_8_stays_so_when_a_byte_of_it_is_lost(words):
    title = " ".join([words] * 6)
    page = f'<html><head><meta property="og:type" content="product"><meta property="og:title" content="{title}"></head></html>'
    whole = page.encode()
    start = whole.index(words.encode())

    for lost in range(start, start + len(words.encode())):
        damaged = whole[:lost] + whole[lost + 1 :]

        assert words in str(read(damaged).listings[0].title)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"\x00\x00\x00",
        b"{",
        b'{"items": [{"itemid": 1, "shopid": {"a": []}, "name": ["x"], "price": "NaN"}]}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"<" * 100_000,
        b"<div>" * 50_000,
        b'<html><script type=\'application/ld+json\'>{"@type":"Product","name":',
        b"\xff\xfe\xff",
        b"window.runParams = {data: {productInfoComponent: null}}",
        b'window.__INIT_DATA={"globalData":{"offerId":"x","subject":{}}}',
    ],
)
@pytest.mark.parametrize("market", ["unlisted", *manifests()])
def test_broken_pages_are_unknown_with_a_reason(body, market):
    reading = read(body, market)

    assert reading.outcome == PageOutcome.UNKNOWN
    assert reading.reason
    assert reading.listings == ()


def test_a_page_too_large_is_not_read():
    reading = read(b" " * (LARGEST_PAGE + 1))

    assert (reading.outcome, reading.reason) == (
        PageOutcome.UNKNOWN,
        f"a page of {LARGEST_PAGE + 1} bytes is too large to be read",
    )


def test_an_item_without_a_title_is_left_out_and_the_rest_stays():
    body = json.dumps({"results": [{"listing_id": 1, "title": ""}, {"listing_id": 2, "title": "Haneulbit"}]})

    assert [listing.listing_id for listing in read(body, "etsy").listings] == ["2"]


def mutations(draw, body):
    """Cut, flip, repeat or wipe some of the page's bytes."""
    for _ in range(draw(st.integers(1, 4))):
        if not body:
            break
        start = draw(st.integers(0, len(body) - 1))
        end = min(len(body), start + draw(st.integers(1, 400)))
        body = draw(
            st.sampled_from(
                [
                    body[:start],
                    body[:start] + body[end:],
                    body[:start] + bytes(b ^ 0x20 for b in body[start:end]) + body[end:],
                    body[:end] + body[start:],
                    body[:start] + b"null" + body[end:],
                    body[:start] + b'"' + body[start:],
                    body[:start] + b"\x00\xff<" + body[start:],
                ]
            )
        )
    return body


VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?|true|false|null')
OTHER_VALUES = [
    b"null",
    b"[]",
    b"{}",
    b"5",
    b"-1",
    b'"x"',
    b"true",
    b"[5]",
    b'[{"a":1}]',
    b"1e400",
    b'["x"]',
    b"9" * 30,
    b'"NaN"',
]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_value_of_another_kind_raises(data):
    page = data.draw(st.sampled_from(PAGES))
    body = page.read_bytes()
    found = data.draw(st.sampled_from(list(VALUE.finditer(body)) or [re.match(b"", body)]))
    body = body[: found.start()] + data.draw(st.sampled_from(OTHER_VALUES)) + body[found.end() :]

    assert "could not be read" not in read(body, page.parent.name).reason


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_damage_to_a_page_raises(data):
    page = data.draw(st.sampled_from(PAGES))
    body = mutations(data.draw, page.read_bytes())
    kind = data.draw(st.sampled_from([None, *PageKind]))

    reading = read(body, page.parent.name, kind=kind)

    assert "could not be read" not in reading.reason
    for listing in reading.listings:
        assert Listing.from_json(json.loads(json.dumps(listing.to_json()))).to_json() == listing.to_json()
