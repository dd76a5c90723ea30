import csv
import json
from decimal import Decimal

import pytest

from contracts.errors import BadInput
from contracts.listing import AccessRung, Listing
from contracts.market import manifests
from crawlers.feeds import formats, read_feed

LAZADA = {
    "url": "https://www.lazada.com.my/products/haneulbit-cream-i400000001-s500000001.html",
    "title": "Haneulbit Cream 50ml",
    "initial_price": "20",
    "final_price": "1.290000000000000e+01",
    "currency": "MYR",
    "image": '["https://img.lazcdn.com/g/p/aaa.jpg","https://img.lazcdn.com/g/p/bbb.jpg"]',
    "seller_name": "Moon House",
    "breadcrumb": '["Beauty","Skin care"]',
    "product_specifications": '[{"name":"Brand","value":"Haneulbit"}]',
    "rating": "4.5",
    "reviews": "7",
    "number_sold": "111",
    "brand": "Haneulbit",
    "lazmall": "false",
    "seller_ship_on_time": "99%",
}
SHOPEE = {
    "url": "https://shopee.co.th/Haneulbit-%23-2-i.61.5000000001?model_id=7",
    "id": "5000000001",
    "title": "Haneulbit Bag",
    "final_price": "199",
    "initial_price": "0",
    "currency": "THB",
    "image": "null",
    "seller_name": "Moo███",
    "shop_url": "https://shopee.co.th/moonhouse",
    "gmv_cal": "0",
    "Product Specifications": "[]",
}


@pytest.fixture
def feed(tmp_path):
    def write(*rows, name="anything.csv"):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
        return path

    return write


def test_a_row_becomes_a_listing(feed):
    (listing,) = read_feed(feed(LAZADA))

    assert listing == Listing(
        market="lazada",
        title="Haneulbit Cream 50ml",
        listing_id="400000001",
        site="MY",
        url=LAZADA["url"],
        brand="Haneulbit",
        price=Decimal("12.9"),
        list_price=Decimal(20),
        currency="MYR",
        seller_name="Moon House",
        image_urls=("https://img.lazcdn.com/g/p/aaa.jpg", "https://img.lazcdn.com/g/p/bbb.jpg"),
        category_path=("Beauty", "Skin care"),
        attributes={"Brand": "Haneulbit"},
        sold_count=111,
        review_count=7,
        rating=Decimal("4.5"),
        rung=AccessRung.FEED,
        parser="feeds.lazada",
    )


def test_the_format_is_told_by_the_header_not_by_the_name(feed):
    (listing,) = read_feed(feed(SHOPEE, name="lazada.csv"))

    assert (listing.market, listing.site, listing.listing_id, listing.seller_id) == ("shopee", "TH", "5000000001", "61")
    assert (listing.list_price, listing.image_urls, listing.attributes) == (None, (), {})


def test_an_address_cut_by_its_title_is_made_whole(feed):
    row = {**SHOPEE, "url": "https://shopee.co.th/Haneulbit-#2-i.61.5000000001"}

    assert [listing.url for listing in read_feed(feed(row))] == ["https://shopee.co.th/product/61/5000000001"]


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("final_price", "twelve", "a plain decimal of zero or more"),
        ("final_price", "-3", "a plain decimal of zero or more"),
        ("currency", "Ringgit", "an ISO 4217 code"),
        ("currency", "", "the currency of the price"),
        ("title", "  ", "a text that is not empty"),
        ("url", "", "a text that is not empty"),
        ("url", "javascript:alert(1)", "a web address"),
        ("url", "https://www.lazada.com.my/", "an address with the listing's id"),
        ("image", "[broken", "a JSON list"),
        ("reviews", "many", "a whole number of zero or more"),
        ("rating", "good", "a rating"),
    ],
)
def test_a_bad_cell_is_named_and_the_rest_goes_on(feed, column, cell, expected):
    problem, good = read_feed(feed({**LAZADA, column: cell}, LAZADA))

    assert isinstance(problem, BadInput)
    assert (problem.where, problem.field, problem.expected) == ("anything.csv, row 2", column, expected)
    assert isinstance(good, Listing)


def test_a_row_of_another_length_is_named(feed):
    path = feed(LAZADA)
    path.write_text(path.read_text() + "one,two\r\n" + path.read_text().splitlines()[1] + "\r\n")

    first, short, last = read_feed(path)

    assert str(short) == f"anything.csv, row 3: (row): expected {len(LAZADA)} columns, got 2"
    assert first == last


def test_a_title_of_10000_characters_and_of_html_is_taken(feed):
    (listing,) = read_feed(feed({**LAZADA, "title": "<b>Haneul</b>" * 1000}))

    assert len(listing.title) == 2000
    assert "<" not in listing.title


def test_a_foreign_header_is_refused_with_the_formats_there_are(feed):
    with pytest.raises(BadInput, match=r"\(header\): expected the columns of one of lazada, shopee"):
        list(read_feed(feed({"a": "1", "b": "2"})))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"none\.csv: \(file\)"):
        list(read_feed(tmp_path / "none.csv"))


def test_json_lines_of_listings(tmp_path):
    path = tmp_path / "feed.jsonl"
    good = {"market": "ebay", "title": "Haneulbit", "price": "1.50", "currency": "USD"}
    lines = [
        json.dumps(good),
        "",
        "{broken",
        '["a"]',
        json.dumps({**good, "price": "a lot"}),
        json.dumps({**good, "rung": "api"}),
    ]
    path.write_text("\n".join(lines))

    first, broken, array, price, last = read_feed(path)

    assert (first.rung, last.rung) == (AccessRung.FEED, AccessRung.API)
    assert [(problem.where, problem.field) for problem in (broken, array, price)] == [
        ("feed.jsonl, line 3", "(line)"),
        ("feed.jsonl, line 4", "(line)"),
        ("feed.jsonl, line 5", "price"),
    ]


def test_every_format_names_a_market_there_is_and_fields_of_the_contract():
    for one in formats():
        assert one.market in manifests()
        assert set(one.columns) <= {field.name for field in Listing.__attrs_attrs__}


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "rows"), [("lazada-products_asean.csv", 500), ("shopee-products_asean.csv", 183)])
def test_every_record_of_a_real_feed_is_a_listing(bench_data, name, rows):
    read = list(read_feed(bench_data / "feeds" / name))

    assert [item for item in read if not isinstance(item, Listing)] == []
    assert len(read) == rows
    assert all(item.price and item.currency and item.site and item.image_urls for item in read)
