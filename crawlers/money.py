"""Reading prices as shops write them: every country's separators, ranges, symbols and multipliers."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

LONGEST = 200  # characters of a price text that are looked at; a longer one is not a price
LARGEST = Decimal(10) ** 15

# Texts that name one currency wherever they stand, longest first. "$", "¥", "kr" and "Rs." name several: see _SHARED.
_NAMED = {
    "US $": "USD", "US$": "USD", "U$S": "USD", "C $": "CAD", "C$": "CAD", "CA$": "CAD", "CDN$": "CAD", "AU $": "AUD",
    "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "NZ $": "NZD", "S$": "SGD", "SG$": "SGD", "HK$": "HKD", "HK $": "HKD",
    "NT$": "TWD", "MX$": "MXN", "MXN$": "MXN", "Mex$": "MXN", "R$": "BRL", "AR$": "ARS", "CLP$": "CLP", "COP$": "COP",
    "RM": "MYR", "Rp": "IDR", "₱": "PHP", "฿": "THB", "₫": "VND", "đ": "VND", "VNĐ": "VND",
    "บาท": "THB", "€": "EUR", "£": "GBP", "円": "JPY",
    "JP¥": "JPY", "CN¥": "CNY", "CN￥": "CNY",
    "元": "CNY", "₩": "KRW", "원": "KRW", "₹": "INR", "₽": "RUB", "руб": "RUB", "zł": "PLN",
    "Kč": "CZK", "₺": "TRY", "TL": "TRY", "₴": "UAH",
    "грн": "UAH", "лв": "BGN", "тг": "KZT", "₸": "KZT", "Ft": "HUF", "lei": "RON", "CHF": "CHF", "৳": "BDT",
}  # fmt: skip
_SHARED = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "COP", "ARS", "BRL"),
    "¥": ("CNY", "JPY"), "￥": ("CNY", "JPY"),
    "kr": ("SEK", "DKK", "NOK", "ISK"), "Rs.": ("INR", "NPR", "PKR", "LKR"),
}  # fmt: skip
_CODE_LIST = (
    "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GEL HKD HUF IDR ILS INR ISK JPY KES KRW KWD "
    "KZT LKR MAD MMK MXN MYR NGN NOK NPR NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD UYU "
    "VND ZAR"
)
_CODES = frozenset(_CODE_LIST.split())
_ALIASES = {"RMB": "CNY", "NTD": "TWD", "GBX": "GBP"}
_WHOLE = frozenset({"JPY", "KRW", "VND", "IDR", "CLP", "HUF", "TWD"})  # no minor unit in a shop's prices

_NAMES = re.compile("|".join(re.escape(name) for name in sorted((*_NAMED, *_SHARED), key=len, reverse=True)))
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Z])")
# A digit, then digits with separators; blanks and apostrophes separate thousands only before exactly three digits.
_NUMBER = re.compile(r"\d+(?:[.,]\d+|[\u00a0\u202f\u2009' ’](?=\d{3}(?!\d))\d{3})*(?:[.,]\d+)*")
_HIDDEN = re.compile(r"\d[?？]|[?？][\d.]")
_MULTIPLIERS = (
    (re.compile(r"^\s*[万萬만]"), Decimal(10_000)),
    (re.compile(r"^\s*[亿億억]"), Decimal(100_000_000)),
    (re.compile(r"^\s*(?:jt|juta|tr|triệu)(?!\w)", re.IGNORECASE), Decimal(1_000_000)),
    (re.compile(r"^\s*(?:rb|ribu|k|nghìn|ngàn)(?!\w)", re.IGNORECASE), Decimal(1000)),
)
_BETWEEN = re.compile(r"^[\s.]*(?:[-–—~～〜至]|to|bis|tot|till|à|a|hasta|al|ถึง|đến|から|do)[\s.]*$", re.IGNORECASE)


@attrs.frozen
class Money:
    """An amount in major units, perhaps the lower bound of a range, with its currency where it is known."""

    amount: Decimal
    upper: Decimal | None = None
    currency: str | None = None


def currency_code(text: Any) -> str | None:
    """Return the ISO 4217 code of a code as machines write it ("usd", "RMB"); None for anything else."""
    if not isinstance(text, str):
        return None
    code = text.strip().upper()
    code = _ALIASES.get(code, code)
    return code if code in _CODES else None


def currency_of(text: str, local: str | None = None) -> str | None:
    """Return the currency a price text names.

    Args:
        text: as shown, e.g. ``"US $19.99"``.
        local: the currency of the page or site. It decides what ``$``, ``¥``, ``kr`` and ``Rs.`` stand for. A symbol
            that the local currency does not use is read as the dollar of the United States or the yuan; ``kr`` and
            ``Rs.`` stay unknown.
    """
    for found in _CODE.finditer(text):
        code = currency_code(found.group())
        if code:
            return code
    shared = ""
    for found in _NAMES.finditer(text):
        name = found.group()
        if name in _NAMED and _is_word(text, found):
            return _NAMED[name]
        if name in _SHARED and not shared:
            shared = name
    if not shared:
        return None
    meant = _SHARED[shared]
    if local in meant:
        return local
    return None if shared in {"kr", "Rs."} else meant[0]


def _is_word(text: str, found: re.Match[str]) -> bool:
    """Tell whether a name of letters stands alone: "RM 12" but not the RM of "FARM"."""
    if not found.group()[0].isalpha() or not found.group().isascii():
        return True
    before = text[found.start() - 1 : found.start()]
    after = text[found.end() : found.end() + 1]
    return not before.isalpha() and not (found.group()[-1].isalpha() and after.isalpha())


def money(text: Any, local: str | None = None) -> Money | None:
    """Read a price as shown to people.

    Args:
        text: e.g. ``"US $19.99-25.00"``, ``"MXN$1.986,69"``, ``"3,858 円 ～ 13,507 円"``, ``"3.5万"``.
        local: currency of the page or site, for symbols several countries share.

    Returns:
        None when there is no number, or when what is there is not one price or one range: "1?9.00", say, whose digits
        the shop hides.
    """
    if not isinstance(text, str) or len(text) > LONGEST or _HIDDEN.search(text):
        return None
    currency = currency_of(text, local)
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    first = _amount(found[0], text, currency or local)
    if first is None:
        return None
    upper = None
    if len(found) > 1 and _BETWEEN.match(_wordless(text[found[0].end() : found[1].start()])):
        upper = _amount(found[1], text, currency or local)
    if upper is not None and upper <= first:
        upper = None
    return Money(first, upper, currency)


def _wordless(between: str) -> str:
    """Take currency names and multipliers out of what stands between two numbers, so that the dash is left."""
    between = _CODE.sub("", _NAMES.sub("", between))
    return re.sub(r"^\s*(?:[万萬만亿億억]|jt|rb|tr|k)\b", "", between)


def _amount(found: re.Match[str], text: str, currency: str | None) -> Decimal | None:
    value = decimal(_plain(found.group(), currency))
    if value is None:
        return None
    for pattern, factor in _MULTIPLIERS:
        if pattern.match(text[found.end() :]):
            return decimal(value * factor)
    return value


def _plain(digits: str, currency: str | None) -> str:
    """Bring one written number to Python's form by telling decimal signs from thousands signs."""
    digits = re.sub(r"[\u00a0\u202f\u2009' ’]", "", digits)
    dot, comma = digits.rfind("."), digits.rfind(",")
    if dot >= 0 and comma >= 0:
        decimal_sign = "." if dot > comma else ","
        return digits.replace("," if decimal_sign == "." else ".", "").replace(decimal_sign, ".")
    sign = "." if dot >= 0 else ","
    groups = digits.split(sign)
    if len(groups) == 1:
        return digits
    three = all(len(group) == 3 for group in groups[1:])  # noqa: PLR2004 (thousands come in threes)
    if (three and (groups[0] != "0" or currency in _WHOLE)) or len(groups) > 2:  # noqa: PLR2004 (1.234.567)
        return "".join(groups)
    return ".".join(groups)


def decimal(value: Any, divisor: int = 1) -> Decimal | None:
    """Read a number as machines write it (JSON number or plain text); None when it is none, negative or absurd.

    Args:
        value: number or text such as ``"61.19"``.
        divisor: 100 for a price in fen or cents, 100,000 for Shopee.
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value).strip()) / divisor
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite() or not 0 <= number <= LARGEST:
        return None
    return normal(number)


def normal(number: Decimal) -> Decimal:
    """Drop the zeros behind a whole number: 1325000.00000 is 1325000, but 9.50 stays 9.50."""
    whole = number.to_integral_value()
    if number == whole:
        return whole
    text = format(number, "f").rstrip("0")
    cents = text[text.index(".") + 1 :]
    return Decimal(text + "0" * max(0, 2 - len(cents)))


def price(value: Any, divisor: int = 1) -> Decimal | None:
    """Like `decimal`, but zero is no price: shops write it where there is none."""
    number = decimal(value, divisor)
    return number or None
