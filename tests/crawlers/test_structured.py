"""What pages say of themselves by schema.org and OpenGraph, in every form seen in shops; no marketplace's own words."""

import json
from datetime import date
from decimal import Decimal

import pytest
from web_poet import HttpResponse

from contracts.listing import LONGEST_REVIEW, MOST_REVIEWS, PageOutcome
from contracts.match import BrandProfile, Mark, Spelling
from crawlers.reading import read_page
from matchers.judge import judge


def page(*documents, head="", body="", url="https://shop.example/p/haneulbit-cream"):
    scripts = "".join(
        f'<script type="application/ld+json">{one if isinstance(one, str) else json.dumps(one)}</script>'
        for one in documents
    )
    own = f'<link rel="canonical" href="{url}">' if url else ""
    html = f'<html lang="en"><head><title>Shop</title>{own}{head}{scripts}</head><body>{body}</body></html>'
    return read_page(HttpResponse("about:blank", html.encode()), market="unlisted")


def lone(*documents, **parts):
    reading = page(*documents, **parts)
    assert reading.outcome == PageOutcome.OK, reading.reason
    assert len(reading.listings) == 1
    return reading.listings[0]


def product(**more):
    return {"@context": "https://schema.org", "@type": "Product", "name": "Haneulbit cream", **more}


def offer(price="19.90", currency="EUR", **more):
    return {"@type": "Offer", "price": price, "priceCurrency": currency, **more}


@pytest.mark.parametrize(
    ("offers", "low", "high", "before"),
    [
        (offer(), "19.90", None, None),
        (offer(19.9), "19.90", None, None),
        (offer("1.299,00"), "1299", None, None),
        ([offer(), offer("25.00")], "19.90", "25", None),
        ([offer(), offer("3.00", "USD")], "19.90", None, None),
        ({"@type": "AggregateOffer", "lowPrice": "10", "highPrice": "30", "priceCurrency": "EUR"}, "10", "30", None),
        ({"@type": "AggregateOffer", "priceCurrency": "EUR", "offers": [offer(), offer("22")]}, "19.90", "22", None),
        ({"@type": "Offer", "priceSpecification": {"price": "19.90", "priceCurrency": "EUR"}}, "19.90", None, None),
        (
            {
                "@type": "Offer",
                "priceSpecification": [
                    {"price": "30.00", "priceCurrency": "EUR", "priceType": "https://schema.org/ListPrice"},
                    {"price": "1.99", "priceCurrency": "EUR", "referenceQuantity": {"value": "10"}},
                    {"price": "19.90", "priceCurrency": "EUR"},
                ],
            },
            "19.90",
            None,
            "30",
        ),
        ({"@type": "Offer", "price": "19,90 €"}, "19.90", None, None),
        ([offer(seller={"name": "One"}), offer("12.00", seller={"name": "Two"})], "19.90", None, None),
    ],
)
def test_the_price_is_what_is_offered_now(offers, low, high, before):
    listing = lone(product(offers=offers))

    assert (listing.price, listing.currency) == (Decimal(low), "EUR")
    assert listing.price_max == (Decimal(high) if high else None)
    assert listing.list_price == (Decimal(before) if before else None)


def test_what_cannot_be_ordered_does_not_count_where_something_can():
    gone, there = offer("9.90", availability="https://schema.org/OutOfStock"), offer(availability="InStock")
    some, none = lone(product(offers=[gone, there])), lone(product(offers=[gone]))

    assert (some.price, some.price_max, some.availability) == (Decimal("19.90"), None, "in_stock")
    assert (none.price, none.availability) == (Decimal("9.90"), "out_of_stock")


@pytest.mark.parametrize("price", ["0", "0.00", "", None, "sold out", "-3", "NaN", [], {"value": 3}, True])
def test_what_is_no_price_is_none(price):
    listing = lone(product(offers={"@type": "Offer", "price": price, "priceCurrency": "EUR"}))

    assert (listing.price, listing.currency) == (None, None)


@pytest.mark.parametrize(
    "script",
    [
        '/* shop */ {"@type":"Product","name":"Haneulbit cream"}',
        '{"@type":"Product","name":"Haneulbit cream",}',
        '<!-- {"@type":"Product","name":"Haneulbit cream"} -->',
        '//<![CDATA[\n{"@type":"Product","name":"Haneulbit cream"}\n//]]>',
        '{"@type":"Product", // the name\n "name":"Haneulbit cream"}',
        '{"@type":"Product","description":"two\nlines\tand a tab","name":"Haneulbit cream"}',
        '{"@type":"http://schema.org/Product","name":"Haneulbit cream"};',
        '{"@type":["Product","Thing"],"name":["Haneulbit cream","Haneulbit cream"]}',
        '{"@type":"product","name":"Haneulbit cream"}',
        '[{"@type":"WebSite","name":"x"},{"@type":"Product","name":"Haneulbit cream"}]',
        '{"@graph":[{"@type":"WebPage","mainEntity":{"@type":"Product","name":"Haneulbit cream"}}]}',
        '{"@type":"Person","makesOffer":{"@type":"Offer","itemOffered":{"@type":"Product","name":"Haneulbit cream"}}}',
    ],
)
def test_malformed_and_nested_data_is_read(script):
    assert lone(script).title == "Haneulbit cream"


def test_a_script_that_cannot_be_read_hides_no_other():
    assert lone('{"@type":"Product","name":"a "quoted" word"', product()).title == "Haneulbit cream"


def test_pointers_are_followed_and_never_taken_for_pictures():
    graph = {
        "@graph": [
            product(
                image={"@id": "https://shop.example/p#primaryimage"},
                brand={"@id": "#brand"},
                offers={"@type": "Offer", "price": "5", "priceCurrency": "EUR", "seller": {"@id": "#shop"}},
            ),
            {"@type": "ImageObject", "@id": "https://shop.example/p#primaryimage", "url": "https://shop.example/1.jpg"},
            {"@type": "Brand", "@id": "#brand", "name": "Haneulbit"},
            {"@type": "Organization", "@id": "#shop", "name": "The Shop", "url": "https://shop.example/"},
        ]
    }
    listing = lone(graph)
    lost = lone(product(image={"@id": "https://shop.example/p#primaryimage"}))

    assert (listing.brand, listing.seller_name) == ("Haneulbit", "The Shop")
    assert listing.image_urls == ("https://shop.example/1.jpg",)
    assert lost.image_urls == ()


@pytest.mark.parametrize(
    "documents",
    [
        (
            product(**{"@type": "ProductGroup"}, hasVariant=[product(offers=offer("9")), product(offers=offer("12"))]),
            product(name="Haneulbit cream, red", isVariantOf={"@id": "#group"}, offers=offer("9")),
        ),
        (product(offers=offer("9")), product(offers=offer("12"))),
        (
            product(sku="a", inProductGroupWithID="g", offers=offer("9")),
            product(sku="b", name="Haneulbit cream, red", inProductGroupWithID="g", offers=offer("12")),
        ),
    ],
)
def test_the_variants_of_a_product_are_one_listing(documents):
    listing = lone(*documents)

    assert (listing.title, listing.price, listing.price_max) == ("Haneulbit cream", 9, 12)


RELATED = {
    "@type": "ItemList",
    "itemListElement": [
        {"@type": "ListItem", "item": product(name=f"Other {number}", url=f"/p/other-{number}", offers=offer("1"))}
        for number in (1, 2)
    ],
}


def test_products_shown_beside_a_product_are_no_listings():
    assert lone(product(offers=offer()), RELATED).title == "Haneulbit cream"
    assert lone(product(offers=offer(), isRelatedTo=[product(name="Other")])).title == "Haneulbit cream"
    others = [product(name=f"Other {n}", url=f"https://shop.example/p/other-{n}", offers=offer("1")) for n in (1, 2)]
    assert lone(*others, product(url="https://shop.example/p/haneulbit-cream", offers=offer())).price == Decimal(
        "19.90"
    )


def test_a_list_gives_a_listing_for_each_with_its_own_address():
    category = product(name="Creams", offers={"@type": "AggregateOffer", "lowPrice": "1", "offerCount": 2})

    for documents in ((RELATED,), (category, RELATED)):
        found = page(*documents, url="https://shop.example/c/creams").listings
        assert [listing.url for listing in found] == [
            "https://shop.example/p/other-1",
            "https://shop.example/p/other-2",
        ]


def test_a_list_of_one_does_not_lend_the_page_its_address():
    alone = {"@type": "ItemList", "itemListElement": RELATED["itemListElement"][:1]}

    assert lone(alone, url="https://shop.example/search?q=x").url == "https://shop.example/p/other-1"


def test_a_list_passed_off_as_one_product_is_a_list():
    offers = [offer(str(n), name=f"Ad {n}", url=f"https://shop.example/ad/100000{n}") for n in (1, 2, 3)]
    found = page(product(name="Ads", offers={"@type": "AggregateOffer", "lowPrice": 1, "offers": offers})).listings

    assert [(one.title, one.price, one.listing_id) for one in found] == [
        ("Ad 1", 1, "1000001"), ("Ad 2", 2, "1000002"), ("Ad 3", 3, "1000003"),
    ]  # fmt: skip


def test_a_list_that_counts_nothing_is_empty():
    nothing = page({"@type": "ItemList", "numberOfItems": 0, "itemListElement": []})
    unsaid = page({"@type": "ItemList", "itemListElement": []}, body="Creams. " * 30)

    assert nothing.outcome == PageOutcome.EMPTY
    assert unsaid.outcome == PageOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("url", "node", "expected"),
    [
        ("https://shop.example/p/12345678", {"sku": "A-1"}, "12345678"),
        ("https://shop.example/p/12345678?ref=99999999", {"sku": "A-1"}, "12345678"),
        ("https://shop.example/p/MLM63192040", {}, "MLM63192040"),
        ("https://shop.example/cream-a-1", {"sku": "a-1", "mpn": "cream"}, "a-1"),
        ("https://shop.example/p/1700", {"sku": "1"}, "1"),
        ("https://shop.example/222222/333333", {"productID": "P9"}, "P9"),
        ("https://shop.example/p/cream-S0J5E021/", {"sku": "S0T59063HOV"}, "S0J5E021"),
        ("https://shop.example/cream", {}, None),
    ],
)
def test_the_id_is_the_one_in_the_address_or_the_shops_own(url, node, expected):
    assert lone(product(**node), url=url).listing_id == expected


def test_reviews_are_kept_few_and_short_and_only_of_the_product_the_page_is_about():
    reviews = [{"@type": "Review", "reviewBody": f"Good {number} " + "x" * 900} for number in range(90)]
    listing = lone(product(review=[{"@type": "Review"}, "no node", *reviews]))
    assert len(listing.reviews) == MOST_REVIEWS
    assert all(len(text) == LONGEST_REVIEW for text in listing.reviews)

    assert lone(product(review={"description": "One <b>only</b>"})).reviews == ("One only",)
    listed = {"@type": "ItemList", "itemListElement": [product(review=reviews), product(name="Other", review=reviews)]}
    assert [listing.reviews for listing in page(listed).listings] == [(), ()]


def test_reviews_that_call_it_fake_reach_the_judgement():
    said = [{"@type": "Review", "reviewBody": text} for text in ("It is a fake.", "Total knock-off, avoid", "Fake!")]
    brand = BrandProfile(
        brand_id="1", name="Haneulbit", marks=(Mark(mark_id="1", spellings=(Spelling(text="Haneulbit"),)),)
    )

    match = judge(lone(product(review=said, offers=offer())), brand, today=date(2026, 11, 27))

    assert "reviews_say_fake" in match.without


MICRODATA = """
<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Haneulbit cream</h1>
<span itemprop="name">Haneulbit cream</span><span itemprop="brand">Haneulbit</span>
<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><span itemprop="price">1 299,00 zł</span>
<link itemprop="availability" href="https://schema.org/OutOfStock"></div></div>"""


def test_microdata_is_read_where_a_property_stands_twice():
    listing = lone(body=MICRODATA)

    assert (listing.title, listing.price, listing.currency) == ("Haneulbit cream", 1299, "PLN")
    assert listing.availability == "out_of_stock"


@pytest.mark.parametrize(
    ("tags", "low", "before"),
    [
        ({"og:type": "product", "product:price:amount": "1,299.00"}, "1299", None),
        ({"og:type": "og:product", "og:price:amount": "19,90"}, "19.90", None),
        ({"og:type": "website", "product:price:amount": "30", "product:sale_price:amount": "20"}, "20", "30"),
        ({"og:type": "product"}, None, None),
    ],
)
def test_opengraph_is_read(tags, low, before):
    tags |= {"og:title": "Haneulbit cream | The Shop", "og:site_name": "The Shop", "product:price:currency": "EUR"}
    listing = lone(head="".join(f'<meta property="{name}" content="{value}">' for name, value in tags.items()))

    assert (listing.title, listing.price) == ("Haneulbit cream", Decimal(low) if low else None)
    assert (listing.list_price, listing.currency) == (Decimal(before) if before else None, "EUR" if low else None)


def test_a_group_of_products_in_opengraph_is_no_listing():
    head = '<meta property="og:type" content="product.group"><meta property="og:title" content="Creams">'

    assert page(head=head).outcome == PageOutcome.UNKNOWN
