import pytest

from crawlers.families.counts import shown_count

SHOWN = [
    ("Terjual 2 rb+", 2000),
    ("1,5rb terjual", 1500),
    ("10RB+ terjual", 10_000),
    ("Terjual 1,2 jt", 1_200_000),
    ("Đã bán 1,2k", 1200),
    ("Đã bán 3,4 nghìn", 3400),
    ("Đã bán 5tr", 5_000_000),
    ("ขายแล้ว 1.5 พัน ชิ้น", 1500),
    ("ขายได้ 2.3 หมื่น", 23_000),
    ("已售出 1.2萬", 12_000),
    ("1.2K sold", 1200),
    ("1.234 terjual", 1234),
    ("1,500 sold", 1500),
    ("250+ terjual", 250),
    ("12 reviews", 12),
    ("5 mm", 5),  # a unit is no scale
    (12, 12),
]


@pytest.mark.parametrize(("text", "count"), SHOWN)
def test_counts_as_shown(text, count):
    assert shown_count(text) == count


@pytest.mark.parametrize("text", ["", "terjual", None, 1.5, "9" * 100])
def test_what_is_no_count_is_none(text):
    assert shown_count(text) is None
