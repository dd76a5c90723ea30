"""What is on offer: repeatable, mostly honest, found as a real shop finds things."""

import hashlib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.errors import BadInput
from sandbox.brands import read_brands
from sandbox.catalogue import Catalogue
from sandbox.offers import Label
from sandbox.photos import render
from sandbox.profiles import KRW_PER, PROFILES
from sandbox.tactics import TACTICS

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "registry"


@pytest.fixture(scope="module")
def brands():
    return read_brands(SAMPLES)


@pytest.fixture(scope="module")
def markets(brands):
    return {name: Catalogue(profile, brands, 7, 300) for name, profile in PROFILES.items()}


def _print_of(catalogue):
    """One hash over everything a visitor could see, pictures of the first thirty offers included."""
    digest = hashlib.sha256()
    for offer in list(catalogue.offers.values()):
        digest.update(repr((offer.listing_id, offer.title, offer.description, offer.price, offer.shop)).encode())
    for offer in list(catalogue.offers.values())[:30]:
        digest.update(b"".join(render(photo, catalogue.profile.photo_format) for photo in offer.photos))
    return digest.hexdigest()


@pytest.mark.parametrize("market", PROFILES)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(brands, market):
    render.cache_clear()
    first = _print_of(Catalogue(PROFILES[market], brands, 11, 60))
    render.cache_clear()
    assert _print_of(Catalogue(PROFILES[market], brands, 11, 60)) == first
    assert _print_of(Catalogue(PROFILES[market], brands, 12, 60)) != first


@pytest.mark.parametrize("market", PROFILES)
@pytest.mark.parametrize("count", [20, 90, 300])
def test_at_most_five_per_cent_are_counterfeits_and_most_are_unrelated(brands, market, count):
    catalogue = Catalogue(PROFILES[market], brands, 5, count)
    labels = Counter(truth.label for truth in catalogue.truth)
    assert len(catalogue.offers) == len(catalogue.truth) == count
    assert 0 < labels[Label.COUNTERFEIT] <= count * 0.05
    assert labels[Label.UNRELATED] > count / 2


def test_every_kind_of_offer_and_every_tactic_is_there(markets):
    truth = [row for catalogue in markets.values() for row in catalogue.truth]
    assert {row.label for row in truth} == set(Label)
    assert {row.tactic for row in truth} - {None} == set(TACTICS)
    assert all((row.tactic is not None) == (row.label == Label.COUNTERFEIT) for row in truth)
    assert all(row.brand for row in truth if row.label != Label.UNRELATED)


def test_tactics_hold_what_their_names_say(markets, brands):
    by_slug = {brand.slug: brand for brand in brands}
    seen = Counter()
    for catalogue in markets.values():
        for row in catalogue.truth:
            offer, brand = catalogue.offers[row.listing_id], by_slug.get(row.brand)
            if row.tactic in {"brand_dropped", "text_in_image", "digits", "lookalike_letters"}:
                assert brand.name.casefold() not in offer.title.casefold()
            if row.tactic in {"misspelling", "masked_name", "spacing", "emoji"}:
                assert not any(name.casefold() in offer.title.casefold() for name in (brand.name, *brand.spellings))
            if row.tactic == "absurd_price":
                dearest = max(goods.krw for goods in brand.goods) / KRW_PER[catalogue.profile.currency]
                assert offer.price < dearest * Decimal("0.35")
            if row.tactic == "relist":
                source = offer.photos[0].source
                assert any(
                    other.shop != offer.shop and other.photos[0].source == source for other in catalogue.offers.values()
                )
            seen[row.tactic] += 1
    assert all(seen[tactic] for tactic in TACTICS)


def test_lookalikes_never_carry_the_mark(markets, brands):
    by_slug = {brand.slug: brand for brand in brands}
    for catalogue in markets.values():
        for row in catalogue.truth:
            if row.label == Label.LOOKALIKE:
                assert by_slug[row.brand].name.casefold() not in catalogue.offers[row.listing_id].title.casefold()


def test_brand_shops_are_those_the_registry_lists(markets, brands):
    listed = {(market, shop) for brand in brands for market, shops in brand.shops.items() for shop in shops}
    for market, catalogue in markets.items():
        for row in catalogue.truth:
            shop = catalogue.offers[row.listing_id].shop.id
            assert ((market, shop) in listed) == (row.label in {Label.GENUINE, Label.AUTHORISED})


def test_shady_shops_also_sell_honest_goods(markets):
    for catalogue in markets.values():
        shady = {catalogue.offers[row.listing_id].shop.id for row in catalogue.truth if row.tactic}
        cover = {catalogue.offers[row.listing_id].shop.id for row in catalogue.truth if row.label == Label.UNRELATED}
        assert shady & cover


def test_search_forgives_one_slip_but_not_a_rewritten_name(markets):
    harborlane = markets["harborlane"]
    titles = {offer.title for offer in harborlane.search("haneulbit")}
    assert len(titles) > 3
    assert {offer.title for offer in harborlane.search("haneulbt")} >= titles
    hidden = [row for row in harborlane.truth if row.tactic in {"digits", "spacing", "lookalike_letters"}]
    for row in hidden:
        found = {offer.listing_id for offer in harborlane.search(row.brand)}
        assert row.listing_id not in found or harborlane.offers[row.listing_id].brand


def test_goods_without_the_brand_word_are_on_their_shelf_and_found_by_their_noun(markets):
    for catalogue in markets.values():
        row = next(row for row in catalogue.truth if row.tactic == "brand_dropped")
        offer = catalogue.offers[row.listing_id]
        assert offer in catalogue.shelf(offer.kind.category)
        assert offer in catalogue.search(offer.kind.noun(offer.language))


def test_nothing_is_found_for_nonsense_and_nothing_for_no_words(markets):
    assert markets["harborlane"].search("qqqzzzxxy") == []
    assert markets["harborlane"].search(" -- ") == []


def test_a_registry_without_brands_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"brand\.toml"):
        read_brands(tmp_path)


def test_a_brand_folder_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "brand.toml").write_text("name = ")
    with pytest.raises(BadInput, match=r"odd.brand\.toml"):
        read_brands(tmp_path)
