from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.families.counts import shown_count
from crawlers.money import Money, currency_code, currency_of, decimal, money, price

SHOWN = [
    ("$68.99", "USD", "68.99", None, "USD"),
    ("$68.99", "CAD", "68.99", None, "CAD"),
    ("$1,234.50", "MXN", "1234.5", None, "MXN"),
    ("$5", "EUR", "5", None, "USD"),  # a dollar sign on a site that has no dollars
    ("US $19.99-25.00", "CAD", "19.99", "25.00", "USD"),
    ("US$ 36.97+", "GBP", "36.97", None, "USD"),
    ("C $12.50 to C $18.00", "USD", "12.50", "18.00", "CAD"),
    ("AU $7.00", "USD", "7", None, "AUD"),
    ("S$12.90", None, "12.90", None, "SGD"),
    ("NT$1,200", None, "1200", None, "TWD"),
    ("MXN$1.986,69", "EUR", "1986.69", None, "MXN"),
    ("MXN$58,46 - $13.192,25", None, "58.46", "13192.25", "MXN"),
    ("USD9.75", None, "9.75", None, "USD"),
    ("£4.49 to £8.49", "GBP", "4.49", "8.49", "GBP"),
    ("EUR 1.024,90", None, "1024.90", None, "EUR"),
    ("1 234,56 €", None, "1234.56", None, "EUR"),
    ("1 299,50 kr", "SEK", "1299.50", None, "SEK"),
    ("49 kr", None, "49", None, None),
    ("Rs. 1,299", "NPR", "1299", None, "NPR"),
    ("Rs. 1,299", None, "1299", None, None),
    ("৳ 350", None, "350", None, "BDT"),
    ("1'299.00 CHF", None, "1299", None, "CHF"),
    ("12 990 Kč", None, "12990", None, "CZK"),
    ("14,99 zł", None, "14.99", None, "PLN"),
    ("1 990 грн.", None, "1990", None, "UAH"),
    ("25,50 лв.", "EUR", "25.50", None, "BGN"),
    ("12 000 ₸", None, "12000", None, "KZT"),
    ("3,858 円 ～ 13,507 円", "USD", "3858", "13507", "JPY"),
    ("EUR 5,00 tot EUR 10,00", None, "5", "10", "EUR"),
    ("¥1,299.00", "CNY", "1299", None, "CNY"),
    ("￥99", "JPY", "99", None, "JPY"),
    ("￥99", "USD", "99", None, "CNY"),
    ("3.5万", "CNY", "35000", None, None),
    ("1.2亿", "CNY", "120000000", None, None),
    ("Rp12.500.000", None, "12500000", None, "IDR"),
    ("Rp 1,2 jt", None, "1200000", None, "IDR"),
    ("Rp150rb", None, "150000", None, "IDR"),
    ("RM 12.90", None, "12.90", None, "MYR"),
    ("฿1,290", None, "1290", None, "THB"),
    ("₫250.000", None, "250000", None, "VND"),
    ("250.000 đ", None, "250000", None, "VND"),
    ("49,000VNĐ", None, "49000", None, "VND"),
    ("2,5 triệu", "VND", "2500000", None, None),
    ("1,2tr - 1,5tr", "VND", "1200000", "1500000", None),
    ("1,290 บาท", None, "1290", None, "THB"),
    ("₱12,800.00", None, "12800", None, "PHP"),
    ("R$ 1.299,90", None, "1299.90", None, "BRL"),
    ("0,99", "EUR", "0.99", None, None),
    ("0.750", "USD", "0.75", None, None),
    ("1.299", "EUR", "1299", None, None),
    ("CN￥74.91 - CN￥75.34", None, "74.91", "75.34", "CNY"),
    ("$10.00 (was $20.00)", "USD", "10", None, "USD"),
    ("25 - 10", None, "25", None, None),  # not a range: the second is lower
]


@pytest.mark.parametrize(("text", "local", "amount", "upper", "currency"), SHOWN)
def test_prices_as_shown(text, local, amount, upper, currency):
    assert money(text, local) == Money(Decimal(amount), Decimal(upper) if upper else None, currency)


@pytest.mark.parametrize(
    "text", ["", "free", "Preis auf Anfrage", None, 12, "9" * 300, "$" + "1" * 40, "¥1?9.00", "￥5？？"]
)
def test_what_is_no_price(text):
    assert money(text) is None


@pytest.mark.parametrize(
    ("text", "local", "currency"),
    [
        ("FARM 12", None, None),
        ("12 TLX", None, None),
        ("12 TL", None, "TRY"),
        ("kr 5", "NOK", "NOK"),
        ("XXX 5", None, None),
        ("250 лв.", "EUR", "BGN"),
        ("12 500 грн.", None, "UAH"),
        ("125 000 тг.", None, "KZT"),
    ],
)
def test_currencies_named_in_words(text, local, currency):
    assert currency_of(text, local) == currency


def test_codes_as_machines_write_them():
    assert [currency_code(code) for code in ("usd", " RMB ", "XYZ", None, 840)] == ["USD", "CNY", None, None, None]


@pytest.mark.parametrize(
    ("value", "divisor", "amount"),
    [
        (18700000000, 100_000, "187000"),
        (1290000, 100_000, "12.9"),
        (1950, 100, "19.5"),
        ("61.19", 1, "61.19"),
        ("2.079000000000000e+02", 1, "207.9"),
        (0, 1, "0"),
        (-1, 100_000, None),
        ("NaN", 1, None),
        ("Infinity", 1, None),
        ("1e999999", 1, None),
        ("12,5", 1, None),
        (True, 1, None),
        ([], 1, None),
    ],
)
def test_numbers_as_machines_write_them(value, divisor, amount):
    assert decimal(value, divisor) == (Decimal(amount) if amount else None)


def test_nothing_is_no_price():
    assert price("0.00") is None
    assert str(price("9.5")) == "9.50"


@given(st.text(max_size=250), st.sampled_from([None, "USD", "JPY", "EUR", "IDR"]))
def test_no_text_breaks_the_reader(text, local):
    read = money(text, local)

    assert read is None or (read.amount >= 0 and (read.upper is None or read.upper > read.amount))


@given(st.decimals(min_value="0.01", max_value="999999.99", places=2), st.sampled_from(["en", "de", "fr", "ch"]))
def test_every_country_writes_the_same_number(amount, country):
    thousands, point = {"en": (",", "."), "de": (".", ","), "fr": ("\u202f", ","), "ch": ("'", ".")}[country]
    written = f"{amount:,.2f}".replace(",", "T").replace(".", "P").replace("T", thousands).replace("P", point)

    assert money(f"EUR {written}").amount == amount


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7318人付款", 7318),
        ("1.2万+人付款", 12_000),
        ("已售 2,886 件", 2886),
        ("3.5亿", 350_000_000),
        ("-", None),
        (45, 45),
    ],
)
def test_numbers_as_shown_to_people(text, number):
    assert shown_count(text) == number
