"""What must hold of every judgement, whatever is judged."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.match import (
    PictureRelation,
)
from matchers.names import NAMES
from tests.judged import LOGO, PHOTO, ask, picture

WORDS = st.lists(
    st.sampled_from(
        ["Haneulbit", "Haneu1bit", "Hanuelbit", "天光彩妆", "serum", "50ml", "x2", "replica", "not a", "used", "高仿",
         "compatible with", "overrun", "OEM", "beware of fakes", "dupe", "logo blurred", "AAA", "\ud800", "🌸", "***"]
    ),
    max_size=8,
)  # fmt: skip
PICTURES = st.lists(
    st.builds(picture, st.sampled_from([PHOTO, LOGO]), st.sampled_from(PictureRelation), st.floats(0, 1)), max_size=3
)
PRICES = st.one_of(st.none(), st.decimals(min_value=0, max_value=10**9, places=2))
MORE = st.fixed_dictionaries(
    {},
    optional={
        "brand": st.sampled_from(["Haneulbit", "No Brand", "Other", "\x00"]),
        "condition": st.sampled_from(["new", "Used", "中古", ""]),
        "ship_from": st.sampled_from(["China", "Hanoi", ""]),
        "description": WORDS.map(" ".join),
        "seller_name": st.sampled_from(["haneulbit-official-store", "shop", ""]),
        "site": st.sampled_from(["US", "DE", "CN", "TH", None]),
        "seller_since": st.sampled_from(["2026-11-01", "P2M", "2019"]),
        "language": st.sampled_from(["en", "zh-Hans", "xx"]),
    },
)


@given(WORDS, PRICES, st.sampled_from(["USD", "CNY", "XXX", None]), PICTURES, MORE)
def test_taking_a_reason_away_never_makes_it_stronger(words, price, currency, pictures, more):
    match = ask(" ".join(words) or "-", price, currency, pictures=pictures, **more)
    if match is None:
        return
    assert 0.0 <= match.probability <= 1.0
    names = [signal.name for signal in match.signals]
    assert len(names) == len(set(names))
    for signal in match.signals:
        without = match.without[signal.name]
        assert without <= match.probability if signal.weight > 0 else without >= match.probability
        assert 0.0 <= signal.value <= 1.0
        assert signal.name in NAMES


@given(WORDS, PRICES, PICTURES, MORE)
def test_an_authorised_seller_stays_at_zero(words, price, pictures, more):
    more = {key: value for key, value in more.items() if key != "site"}
    match = ask(" ".join(words) or "-", price, pictures=pictures, seller_id="good", **more)
    assert match is None or match.probability < 1e-3


@given(WORDS, PRICES, st.floats(0.5, 1), st.floats(0.5, 1))
def test_a_surer_picture_never_lowers_the_probability(words, price, one, other):
    title = " ".join(words) or "-"
    low, high = sorted((one, other))
    weaker = ask(title, price, pictures=[picture(score=low)])
    surer = ask(title, price, pictures=[picture(score=high)])
    assert weaker.probability <= surer.probability + 1e-9


@given(WORDS)
def test_an_admission_never_lowers_the_probability(words):
    title = " ".join(["Haneulbit", *words])
    assert ask(title).probability <= ask(f"{title} | mirror quality").probability + 1e-9


@given(PRICES, PRICES)
def test_a_lower_price_never_lowers_the_probability(one, other):
    if not one or not other:
        return
    low, high = sorted((one, other))
    assert ask("Haneulbit serum", high).probability <= ask("Haneulbit serum", low).probability + 1e-9
