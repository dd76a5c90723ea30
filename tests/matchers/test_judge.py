"""The fused judgement: who is flagged, who is left alone, and why; never more sure for want of a reason."""

from datetime import date
from decimal import Decimal

import attrs
import pytest

from contracts.match import (
    BrandProfile,
    Ground,
    Mark,
    PictureRelation,
    ReadText,
    ReferenceProduct,
    Region,
    SellerRecord,
    Spelling,
)
from matchers import reasons, weights
from matchers.judge import Judge, judge
from matchers.places import country_of
from matchers.signals import along
from tests.judged import BRAND, EVIDENCE, LOGO, TODAY, ask, offer, picture

INNOCENT = {
    "genuine reseller": ("Haneulbit Cica Serum 50ml", 29, "USD", {}),
    "reseller with a sale": ("Haneulbit Cica Serum 50ml", 22, "USD", {}),
    "no price": ("Haneulbit Cica Serum 50ml", None, "USD", {}),
    "second-hand": ("Haneulbit Cica Serum 50ml used half", 9, "USD", {"condition": "Used"}),
    "second-hand by condition": ("Haneulbit Cica Serum 50ml", 8, "USD", {"condition": "Pre-owned"}),
    "German second-hand": ("gebraucht Haneulbit Serum 50 ml", 12, "EUR", {"site": "DE"}),
    "accessory": ("Case compatible with Haneulbit compact", 6, "USD", {}),
    "case for": ("phone case for Haneulbit cushion", 3, "USD", {}),
    "Chinese accessory": ("适用于天光彩妆气垫 保护套", 9, "CNY", {"site": "CN"}),
    "Thai accessory": ("เคสสำหรับ ฮานึลบิท คุชชั่น", 90, "THB", {"site": "TH"}),
    "German accessory": ("Hülle passend für Haneulbit Cushion", 5, "EUR", {"site": "DE"}),
    "Indonesian accessory": ("casing bedak kompatibel dengan Haneulbit", 20000, "IDR", {"site": "ID"}),
    "sample": ("Haneulbit Cica Serum 5ml", 3, "USD", {}),
    "denial": ("Haneulbit Cica Serum 100% authentic, beware of fakes", 27, "USD", {}),
    "Chinese denial": ("天光彩妆 精华 假一赔十", 200, "CNY", {"site": "CN"}),
    "one medium word": ("Haneulbit serum factory overrun", 26, "USD", {}),
    "low words only": ("Haneulbit serum OEM inspired dupe tester no box same factory", 26, "USD", {}),
}


@pytest.mark.parametrize("case", INNOCENT)
def test_the_innocent_stay_below_the_queue(case):
    title, price, currency, more = INNOCENT[case]
    match = ask(title, price, currency, **more)
    assert match is not None
    assert match.probability < weights.QUEUE


@pytest.mark.parametrize(
    "title", ["Haneulsoop Cica Serum 50 ml", "Korean glow serum 한국 스타일", "K-beauty Seoul serum", ""]
)
def test_a_korean_look_scores_nothing(title):
    assert ask(title or "serum", 5) is None


COPIES = {
    "digits": ("Haneu1bit Cica Serum 50ml", 26, "USD", {}),
    "spelt out": ("h a n e u l b i t serum", 26, "USD", {}),
    "masked, cheaper": ("Han***bit serum", 18, "USD", {}),
    "misspelt, cheaper": ("Hanuelbit Cica serum 50ml", 14, "USD", {}),
    "15 % under retail, admitted": ("Haneulbit Cica Serum 1:1 replica", 25, "USD", {}),
    "absurd price": ("Haneulbit Cica Serum 50ml", 5, "USD", {}),
    "Chinese admission": ("天光彩妆 精华 高仿", 180, "CNY", {"site": "CN"}),
    "Chinese absurd price": ("天光彩妆 精华 50ml", 35, "CNY", {"site": "CN"}),
    "Thai admission": ("ฮานึลบิท เซรั่ม งานมิลเลอร์", 800, "THB", {"site": "TH"}),
    "Indonesian admission": ("Haneulbit Cica Serum KW super", 380000, "IDR", {"site": "ID"}),
    "German admission": ("Haneulbit Serum Replika", 22, "EUR", {"site": "DE"}),
    "two medium words": ("Haneulbit serum AAA quality clone", 26, "USD", {}),
    "posing as the brand, cheap": ("Haneulbit Serum", 15, "USD", {"seller_name": "haneulbit-official-store"}),
}


@pytest.mark.parametrize("case", COPIES)
def test_copies_reach_the_queue_as_counterfeits(case):
    title, price, currency, more = COPIES[case]
    match = ask(title, price, currency, **more)
    assert match.probability >= weights.QUEUE
    assert match.ground is Ground.COUNTERFEIT


@pytest.mark.parametrize("price", [None, 4, 15, 29])
def test_a_photo_alone_never_proves_a_fake(price):
    match = ask("Glow serum 50ml", price, pictures=[picture()])
    assert match.ground is Ground.COPYRIGHT_IMAGE


def test_a_reseller_with_the_official_photo_is_left_alone():
    match = ask("Haneulbit Cica Serum 50ml", 26, pictures=[picture()])
    assert match.ground is Ground.COPYRIGHT_IMAGE
    assert match.probability < weights.QUEUE


def test_the_brand_word_dropped_and_its_photo_used_at_a_low_price_is_suspicious():
    match = ask("Glow serum 50ml", 12, pictures=[picture()])
    assert match.probability > 0.8
    assert "brand_dropped" in match.without


HERE = Region(left=0.1, top=0.2, width=0.3, height=0.1)


def read(text, confidence=0.9):
    return ReadText(listing_sha256="c" * 64, text=text, region=HERE, confidence=confidence, version="reader-1")


def signal_of(match, name):
    return next((signal for signal in match.signals if signal.name == name), None)


def test_a_mark_only_written_in_a_picture_is_found_there():
    match = judge(offer("Glow serum 50ml", 12), BRAND, today=TODAY, texts=[read("real Haneulbit")])
    signal = signal_of(match, "text_in_image")
    assert match.probability >= weights.QUEUE
    assert (signal.listing_image, signal.listing_region, signal.words) == ("c" * 64, HERE, ("Haneulbit",))
    assert "Haneulbit" in signal.reason.ko


def test_a_mark_on_photographed_goods_says_hardly_anything():
    bare = ask("Haneulbit Cica Serum 50ml", 29)
    shown = judge(offer("Haneulbit Cica Serum 50ml", 29), BRAND, today=TODAY, texts=[read("HANEULBIT")])
    assert bare.probability <= shown.probability < bare.probability + 0.02


LABELS = {
    "a label, English": ("Moisturising gel 80 ml, authentic store stock", None, "HANEULBIT", {}),
    "a label, Thai": ("เซรั่มบำรุงผิวหน้า 50 ml ของแท้", None, "Haneulbit", {"site": "TH", "language": "th"}),
    "second-hand": ("Used face serum half bottle", None, "HANEULBIT", {"condition": "used"}),
    "a sale": ("Moisturising serum 50 ml", 24, "HANEULBIT", {}),
}


@pytest.mark.parametrize("case", LABELS)
def test_a_photographed_label_is_no_counterfeits(case):
    title, price, words, more = LABELS[case]
    match = judge(offer(title, price, **more), BRAND, today=TODAY, texts=[read(words, 0.98)])
    assert match.ground is not Ground.COUNTERFEIT


@pytest.mark.parametrize(
    "more", [{"price": 11}, {"description": "No invoice, no receipt."}, {"title": "Serum replica"}]
)
def test_a_mark_only_in_a_picture_beside_another_suspicion_is_a_counterfeits(more):
    title, price = more.pop("title", "Glow serum 50ml"), more.pop("price", None)
    match = judge(offer(title, price, **more), BRAND, today=TODAY, texts=[read("real Haneulbit")])
    assert (match.ground, match.probability >= weights.QUEUE) == (Ground.COUNTERFEIT, True)


def test_an_ordinary_word_read_in_a_picture_needs_context():
    word = attrs.evolve(BRAND, marks=(Mark(mark_id="m", spellings=(Spelling(text="Beyond"),), common_word=True),))
    ask_of = Judge([word], today=TODAY)
    shirt, texts = offer("Cotton T-shirt men summer"), [read("BEYOND LIMITS", 0.98)]
    (alone,) = ask_of.judge(shirt, texts=texts)
    (pictured,) = ask_of.judge(shirt, texts=texts, pictures={"haneulbit": [picture(LOGO, PictureRelation.ARTWORK)]})
    assert alone.probability < 0.1 < weights.QUEUE < pictured.probability
    assert alone.ground is not Ground.COUNTERFEIT


def test_the_words_on_the_brands_own_photo_are_not_counted_beside_it():
    bare = ask("Moisturising face serum 50 ml", 29, pictures=[picture()])
    shown = judge(
        offer("Moisturising face serum 50 ml", 29), BRAND, today=TODAY, pictures=[picture()], texts=[read("HANEULBIT")]
    )
    assert shown.ground is Ground.COPYRIGHT_IMAGE
    assert bare.probability <= shown.probability < bare.probability + 0.03


@pytest.mark.parametrize(("words", "confidence"), [("Hanelbit", 0.6), ("Haneulbit", 0.98)])
def test_a_listing_that_names_another_brand_is_not_ours_for_a_word_in_a_photo(words, confidence):
    other = BrandProfile(
        brand_id="dalmoi", name="Dalmoi", marks=(Mark(mark_id="m2", spellings=(Spelling(text="Dalmoi"),)),)
    )
    found = Judge([BRAND, other], today=TODAY).judge(
        offer("Dalmoi serum 50 ml", 9), pictures={"haneulbit": [picture()]}, texts=[read(words, confidence)]
    )
    match = next(match for match in found if match.brand_id == "haneulbit")
    assert signal_of(match, "names_another") is not None
    assert match.probability < weights.QUEUE


def test_a_mark_that_was_hardly_read_says_nothing():
    assert judge(offer("Glow serum 50ml", 12), BRAND, today=TODAY, texts=[read("Haneulbit", 0.2)]) is None


def test_words_read_in_a_picture_speak_with_their_place():
    bare = ask("Haneulbit serum", 25)
    match = judge(offer("Haneulbit serum", 25), BRAND, today=TODAY, texts=[read("mirror quality replica")])
    signal = signal_of(match, "wording_copy")
    assert match.probability > bare.probability
    assert (signal.listing_image, signal.listing_region) == ("c" * 64, HERE)


def test_a_hidden_part_of_the_brands_picture_is_a_signal_of_its_own():
    hidden = attrs.evolve(picture(), concealed=(HERE,))
    match = ask("Glow serum 50ml", 25, pictures=[hidden])
    signal = signal_of(match, "concealment")
    assert match.probability > ask("Glow serum 50ml", 25, pictures=[picture()]).probability
    assert (signal.listing_region, signal.compared_with) == (HERE, "photo")


def test_who_names_the_brand_openly_conceals_nothing():
    hidden = attrs.evolve(picture(), concealed=(HERE,))
    match = ask("Haneulbit Cica Serum 50 ml original Korea", 29, pictures=[hidden])
    assert match.probability < weights.QUEUE
    assert match.ground is not Ground.COUNTERFEIT
    disguised = ask("Haneu1bit Cica Serum 50 ml", 29, pictures=[hidden])
    assert signal_of(disguised, "concealment").weight > 5 * signal_of(match, "concealment").weight - 0.01


def test_other_words_in_the_place_of_the_brands_are_no_concealment():
    there = Region(left=0.1, top=0.6, width=0.3, height=0.1)
    one, two = (attrs.evolve(picture(), concealed=parts) for parts in ((HERE,), (HERE, there)))
    gel, texts = offer("Glow gel 50ml"), [read("Dalmoi relief")]
    assert signal_of(judge(gel, BRAND, today=TODAY, pictures=[one], texts=texts), "concealment") is None
    left = signal_of(judge(gel, BRAND, today=TODAY, pictures=[two], texts=texts), "concealment")
    assert left.listing_region == there
    hardly = judge(gel, BRAND, today=TODAY, pictures=[one], texts=[read("Dalmoi relief", 0.4)])
    assert signal_of(hardly, "concealment").listing_region == HERE


def test_one_sighting_of_a_logo_is_counted_once_and_accuses_nobody_of_a_copy():
    seen = attrs.evolve(picture(LOGO, PictureRelation.ARTWORK, 0.98), listing_region=HERE)
    match = ask("Mens cotton T-shirt black", 9.9, language="en", pictures=[seen])
    assert match.ground is Ground.TRADEMARK_MISUSE
    assert sum(signal.weight for signal in match.signals if signal.listing_image) < 4.5
    for name in ("artwork", "brand_dropped", "altered_goods"):
        signal = signal_of(match, name)
        assert (signal.listing_image, signal.listing_region, signal.compared_with) == ("c" * 64, HERE, "logo")


def test_the_logo_on_goods_the_brand_does_not_make():
    match = ask("Cotton shirt with print", pictures=[picture(LOGO, PictureRelation.ARTWORK)])
    assert match.probability >= weights.QUEUE
    assert match.ground is Ground.TRADEMARK_MISUSE


def test_an_authorised_seller_is_excused_whatever_else():
    match = ask("Haneu1bit serum 1:1 replica", 1, seller_id="good", pictures=[picture()])
    assert match.probability < 1e-6
    assert match.ground is Ground.NONE


def test_an_authorisation_that_ended_excuses_nobody():
    late = judge(offer("Haneulbit serum 1:1 replica", 9, seller_id="good"), BRAND, today=date(2027, 6, 1))
    assert late.probability >= weights.QUEUE
    assert "lapsed" in late.without


def test_a_common_word_needs_context():
    word = attrs.evolve(BRAND, marks=(Mark(mark_id="m", spellings=(Spelling(text="Moon"),), common_word=True),))
    alone = judge(offer("moon lamp", 4), word, today=TODAY)
    with_field = judge(offer("moon lamp", 4, brand="Moon"), word, today=TODAY)
    assert alone.probability < 0.05 < with_field.probability


def test_the_brand_field_speaks():
    other = ask("Haneulbit style serum", 20, brand="Solbyeol")
    none = ask("Haneulbit style serum", 20, brand="No Brand")
    own = ask("style serum", 20, brand="Haneulbit")
    assert other.probability < own.probability < none.probability


def test_a_condition_and_a_pack_soften_a_low_price():
    new = ask("Haneulbit Cica Serum 50ml", 9)
    used = ask("Haneulbit Cica Serum 50ml", 9, condition="used")
    assert used.probability < new.probability


def test_reasons_name_words_and_numbers_in_both_languages():
    match = ask("Haneu1bit Cica Serum 50ml", 11)
    assert "Haneu1bit" in match.sentence.en
    assert "38 %" in match.sentence.en
    assert "Haneu1bit" in match.sentence.ko
    for signal in match.signals:
        assert signal.reason.en
        assert signal.reason.ko
        assert signal.version
    assert match.to_json()["probability"] == match.probability


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (1e-9, "1 %"), (0.934, "93 %"), (0.999, "99 %"), (1.0, "100 %")]
)
def test_what_is_not_certain_is_not_called_certain(share, words):
    assert reasons.percent(share) == words
    assert f"({words})" in reasons.verdict(Ground.COUNTERFEIT, share, []).ko


@pytest.mark.parametrize(
    ("amount", "words"), [("1059523.81", "1,060,000"), ("26.14", "26.1"), ("9.996", "10.00"), ("0.01", "0.01")]
)
def test_a_converted_price_is_worded_without_false_precision(amount, words):
    assert reasons.about(Decimal(amount)) == words


def test_one_and_many_are_worded_each_in_its_own_way():
    assert reasons.concealment(1).en == "One part of the registered picture is blurred, masked or covered."
    assert reasons.concealment(2).en == "2 parts of the registered picture are blurred, masked or covered."
    for name in reasons.RECORDS:
        assert reasons.record(name, 1).en.startswith("One other listing of this seller ")
        assert reasons.record(name, 3).en.startswith("3 other listings of this seller ")
    assert reasons.record("seller_suspected", 0, 1).en == "One other listing of this shop was flagged in the pool."
    assert reasons.record("seller_suspected", 1, 2).ko.count("판매 글") == 2


def test_regions_of_the_picture_are_handed_on():
    match = ask("Glow serum", pictures=[picture()])
    signal = next(signal for signal in match.signals if signal.name == "photo_copy")
    assert (signal.listing_image, signal.compared_with, signal.reason) == ("c" * 64, "photo", EVIDENCE)


def test_only_the_marks_of_peers_speak_against_a_brand():
    other = BrandProfile(
        brand_id="dalmoi", name="Dalmoi", marks=(Mark(mark_id="m2", spellings=(Spelling(text="Dalmoi"),)),)
    )

    def silenced(peers):
        judge = Judge([BRAND, other], today=TODAY, peers=peers)
        found = judge.judge(offer("Dalmoi doll"), brands={"haneulbit"}, pictures={"haneulbit": [picture()]})
        return "names_another" in {signal.name for signal in found[0].signals}

    assert silenced(None)
    assert silenced({"haneulbit": {"haneulbit", "dalmoi"}, "dalmoi": {"haneulbit", "dalmoi"}})
    assert not silenced({"haneulbit": {"haneulbit"}, "dalmoi": {"dalmoi"}})


def test_many_brands_are_judged_at_once_and_only_those_spoken_of():
    other = BrandProfile(
        brand_id="dalmoi", name="Dalmoi", marks=(Mark(mark_id="m2", spellings=(Spelling(text="Dalmoi"),)),)
    )
    both = Judge([BRAND, other], today=TODAY)
    assert [m.brand_id for m in both.judge(offer("Dalmoi doll"))] == ["dalmoi"]
    assert {m.brand_id for m in both.judge(offer("Dalmoi and Haneulbit"))} == {"dalmoi", "haneulbit"}
    assert both.judge(offer("Dalmoi doll"), brands={"haneulbit"}) == []
    assert [m.brand_id for m in both.judge(offer("serum"), pictures={"haneulbit": [picture()]})] == ["haneulbit"]
    assert both.judge(offer("nothing at all")) == []


def test_along_reads_off_lines():
    points = ((0.0, 2.0), (1.0, 0.0))
    assert [along(points, at) for at in (-1, 0.25, 1, 7)] == [2.0, 1.5, 0.0, 0.0]


def test_the_price_curve_never_rises():
    values = [weight for _, weight in weights.PRICE]
    assert values == sorted(values, reverse=True)


country_of("China")  # reads locale data once, which would break the deadline of a single example


def known(**record):
    title = offer("Haneulbit Cica Serum 50ml", 24)
    found = Judge([BRAND], today=TODAY).judge(title, records={"haneulbit": SellerRecord(**record)})
    return found[0]


def test_what_was_decided_about_the_seller_before_speaks():
    one, three = known(strikes=1), known(strikes=3)
    cleared, nothing = known(cleared=2), known()
    assert cleared.probability < nothing.probability < one.probability < three.probability
    assert signal_of(one, "seller_strikes").weight == pytest.approx(weights.STRIKES / 2, rel=0.01)
    assert "3" in signal_of(three, "seller_strikes").reason.ko


def test_one_suspicious_listing_says_little_about_a_shop_of_thousands():
    assert known(suspected=1, listings=5000).probability < known(suspected=1, listings=10).probability


def test_a_strike_leaves_no_room_for_the_cleared():
    assert signal_of(known(strikes=1, cleared=5), "seller_cleared") is None


def test_a_picture_of_goods_whose_words_name_another_brand_is_taken_for_theirs():
    other = BrandProfile(
        brand_id="dalmoi", name="Dalmoi", marks=(Mark(mark_id="m2", spellings=(Spelling(text="Dalmoi"),)),)
    )
    shown = {"haneulbit": [picture()]}
    found = Judge([BRAND, other], today=TODAY).judge(offer("Dalmoi serum", 9), pictures=shown)
    match = next(match for match in found if match.brand_id == "haneulbit")
    assert signal_of(match, "brand_dropped") is None
    assert match.probability < weights.QUEUE


@pytest.mark.parametrize("condition", ["https://schema.org/UsedCondition", "UsedCondition", "Pre-owned", "中古"])
def test_a_condition_is_read_as_shops_and_schema_org_write_it(condition):
    site = "JP" if condition == "中古" else "US"
    assert signal_of(ask("Haneulbit Cica Serum", 9, condition=condition, site=site), "second_hand") is not None


def test_a_mark_split_in_two_is_a_trick_unless_it_stands_whole_too():
    assert signal_of(ask("Haneul bit serum"), "mark_disguised").weight == pytest.approx(weights.PULLED_APART, rel=0.1)
    assert signal_of(ask("Haneul bit serum", brand="Haneulbit"), "mark_disguised") is None


def test_goods_shipped_from_a_third_country_are_a_little_more_suspicious():
    match = ask("Haneulbit Cica Serum 50ml", 26, ship_from="Guangzhou, China")
    signal = signal_of(match, "shipped_elsewhere")
    assert (signal.compared_with, signal.words) == ("CN", ("Guangzhou, China",))
    assert 0 < signal.weight <= weights.SHIPPED_ELSEWHERE < weights.SUSPICIOUS
    assert match.probability < weights.QUEUE
    assert match.ground is Ground.NONE


@pytest.mark.parametrize(
    "more",
    [
        {"ship_from": None},
        {"ship_from": "Bandung"},  # a place in no country that can be told
        {"ship_from": "Los Angeles, United States"},  # where it is sold
        {"ship_from": "South Korea"},  # where the brand is from
        {"ship_from": "France", "site": "DE"},  # one market
        {"ship_from": "US", "site": "DE"},  # an authorised shop sells there
        {"ship_from": "China", "site": None},  # a site that serves no one country
        {"ship_from": "China", "condition": "Used"},
        {"ship_from": "China", "seller_id": "good"},
        {"ship_from": "China", "title": "Case compatible with Haneulbit compact"},
    ],
)
def test_a_place_nobody_would_wonder_about_says_nothing(more):
    fields = {"title": "Haneulbit Cica Serum 50ml"} | more
    assert signal_of(ask(fields.pop("title"), 26, **fields), "shipped_elsewhere") is None


SHOES = attrs.evolve(
    BRAND,
    products=(
        ReferenceProduct(
            product_id="runner", name="Haneulbit Runner", price=Decimal(90000), currency="KRW", nice_class=25
        ),
    ),
)


@pytest.mark.parametrize(
    ("title", "more"),
    [
        ("Redmi Note 12 Case Haneulbit", {"category_path": ("Accessories", "เคสมือถือ")}),
        ("กระเป๋า ลาย Haneulbit", {"site": "TH", "brand": "No Brand"}),
        ("Haneulbit 머그컵", {"site": "KR"}),
    ],
)
def test_the_mark_on_merchandise_of_a_class_the_brand_does_not_make(title, more):
    match = judge(offer(title, 4, **more), SHOES, today=TODAY)
    assert signal_of(match, "foreign_goods") is not None
    assert any("가" <= letter <= "힣" for letter in signal_of(match, "foreign_goods").reason.ko.split("상품(")[1])
    assert signal_of(match, "price") is None  # there is no genuine price to compare with
    assert match.probability >= weights.QUEUE
    assert match.ground is Ground.TRADEMARK_MISUSE


@pytest.mark.parametrize(
    ("title", "more"),
    [
        ("Haneulbit running shoes with a tote bag", {}),  # its own class is among the goods
        ("Case for Redmi Note 12, fits Haneulbit pouch", {}),  # made for the brand's goods
        ("Redmi Note 12 Case Haneulbit", {"brand": "Solbyeol"}),  # somebody answers for it
        ("Haneulbit garden hose", {}),  # no merchandise we know
    ],
)
def test_goods_that_say_nothing_about_the_mark(title, more):
    match = judge(offer(title, 4, **more), SHOES, today=TODAY)
    assert signal_of(match, "foreign_goods") is None
    assert match.probability < weights.QUEUE


def test_an_ordinary_word_is_no_disguised_mark_of_few_letters():
    short = attrs.evolve(BRAND, marks=(Mark(mark_id="s", spellings=(Spelling(text="No7"),)),), products=())
    match = judge(offer("hair dye cream does not irritate the skin", 12, brand="No Brand"), short, today=TODAY)
    assert match is None or match.probability < weights.QUEUE


def test_goods_nobody_recognised_are_hardly_judged_by_their_price():
    known, unknown = ask("Haneulbit serum", 5), ask("Haneulbit spare pump", 5)
    assert signal_of(unknown, "price").weight < signal_of(known, "price").weight / 2
