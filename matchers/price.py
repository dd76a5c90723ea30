"""A listing's price against what the genuine product costs: same currency, same pack, like with like.

No price, no currency, no rate or no registered product: no opinion. A low price alone proves nothing: sales, samples
and second-hand goods are cheap too, and careful sellers of copies ask nearly the full price.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import attrs

from contracts.listing import Listing
from contracts.match import BrandProfile, ReferenceProduct
from contracts.rates import ExchangeRates
from matchers.folding import fold

MAX_PACK = 100
HALF = 0.5  # of the words of a product's name
NAMED = 0.9  # so many of them that the product is named
_UNITS = {
    "ml": ("ml", 1.0),
    "l": ("ml", 1000.0),
    "g": ("g", 1.0),
    "gr": ("g", 1.0),
    "kg": ("g", 1000.0),
    "mg": ("g", 0.001),
}
_AMOUNT = re.compile(r"(?<![\d.,a-z])(\d{1,5}(?:[.,]\d{1,3})?)\s{0,2}(ml|mg|kg|gr|g|l)(?![a-z])")
_NO_UNIT = r"(?!\d|\s{0,2}[%％]|\s{0,2}(?:ml|g|cm|mm|l|kg|in)\b)"
_SET_OF = (
    r"(?:set|pack|lot|bundle|box|paket|isi|bo|combo|แพ็ค|เซ็ต|세트|套装)\s{0,2}(?:of|von|de|di|à|mit)?\s{0,2}(\d{1,3})"
)
_PIECES = (
    r"(\d{1,3})\s{0,2}(?:pcs|pc|pieces|piece|packs|pack|x|stück|stuck|stk|pz|sztuk|szt|buah|chiếc|chiec|hộp|hop"
    r"|ชิ้น|แพ็ค|개입|개|팩|매입|件|支|瓶|盒|片装|只|個)(?![a-z0-9])"
)
_PACK = re.compile(rf"(?<![\w.])(?:{_SET_OF}{_NO_UNIT}|{_PIECES}|x\s{{0,2}}(\d{{1,2}}){_NO_UNIT})")
_BUY_GET = re.compile(r"(?<!\d)(\d)\s{0,2}\+\s{0,2}(\d)(?!\d)")


@attrs.frozen
class PriceView:
    """The comparison.

    ``ratio`` is listing price over genuine price for the same amount of goods (1.0: the same); ``alone`` the same as if
    only one piece were offered: a number in a title need not mean pieces.
    """

    ratio: float
    alone: float
    product: ReferenceProduct
    sure: bool  # the listing was recognised as this very product
    paid: Decimal  # in the listing's currency
    genuine: Decimal  # the genuine price in the listing's currency, for the same amount
    currency: str
    pack: int = 1


def product_of(listing: Listing, brand: BrandProfile) -> tuple[ReferenceProduct | None, float]:
    """Return the registered product the listing's words fit best and how well: 0..1 of its name, `HALF` by keyword.

    The brand's own name in the product's does not count: every listing of the brand has it. Of products that fit
    alike, the cheapest is taken, so that doubt favours the seller.
    """
    text = fold(" ".join((listing.title, *listing.category_path, *listing.attributes.values()))).text
    words = set(re.findall(r"\w+", text))
    own = {word for mark in brand.marks for s in mark.spellings for word in re.findall(r"\w+", fold(s.text).text)}
    best: tuple[ReferenceProduct | None, float] = (None, 0.0)
    for product in sorted(brand.products, key=lambda product: product.price):
        wanted = [w for w in re.findall(r"\w+", fold(product.name).text) if len(w) > 1 and w not in own]
        wanted = [word for word in wanted if not _AMOUNT.fullmatch(word)]
        fit = sum(_has(text, words, word) for word in wanted) / len(wanted) if wanted else 0.0
        if fit < HALF and any(_has(text, words, keyword) for keyword in product.keywords):
            fit = HALF
        if fit > best[1]:
            best = (product, fit)
    return best


def _has(text: str, words: set[str], keyword: str) -> bool:
    plain = fold(keyword).text.strip()
    if not plain:
        return False
    return plain in words if plain.isascii() and plain.isalnum() else plain in text


def pack_size(title: str) -> int:
    """Return how many pieces the title offers; 1 when it does not say or says something unlikely."""
    text = fold(title).text
    give = _BUY_GET.search(text)
    if give:
        return int(give.group(1)) + int(give.group(2)) or 1
    counts = [int(next(filter(None, match.groups()), "1")) for match in _PACK.finditer(text)]
    return next((count for count in counts if 1 < count <= MAX_PACK), 1)


def amounts(text: str) -> dict[str, float]:
    """Return the first amount of volume (ml) and weight (g) a text names."""
    found: dict[str, float] = {}
    for match in _AMOUNT.finditer(fold(text).text):
        unit, factor = _UNITS[match.group(2)]
        found.setdefault(unit, float(match.group(1).replace(",", ".")) * factor)
    return found


def compare(
    listing: Listing, brand: BrandProfile, rates: ExchangeRates, *, product_id: str | None = None
) -> PriceView | None:
    """Compare the listing's price with the registered one; ``product_id`` when a picture already tells the product.

    Without a recognised product the cheapest registered one is taken, so that doubt favours the seller.
    """
    if listing.price is None or not listing.price or listing.currency is None or not brand.products:
        return None
    genuine_of: dict[str, Decimal] = {}
    for product in brand.products:
        converted = rates.convert(product.price, product.currency, listing.currency)
        if converted:
            genuine_of[product.product_id] = converted
    if not genuine_of:
        return None
    product, sure = _which(listing, brand, genuine_of, product_id)
    # "12 packs" beside a product that is registered as 12 packs is that product once.
    pack = max(1, pack_size(listing.title) // pack_size(product.name))
    share = _share(listing.title, product.name)
    genuine = genuine_of[product.product_id] * pack * Decimal(str(share))
    ratio = float(listing.price / genuine)
    return PriceView(
        ratio, ratio * pack, product, sure, listing.price, genuine.quantize(Decimal("0.01")), listing.currency, pack
    )


def _which(
    listing: Listing, brand: BrandProfile, genuine_of: Mapping[str, Decimal], product_id: str | None
) -> tuple[ReferenceProduct, bool]:
    priced = {product.product_id: product for product in brand.products if product.product_id in genuine_of}
    product, fit = product_of(listing, attrs.evolve(brand, products=tuple(priced.values())))
    pictured = priced.get(product_id or "")
    if fit >= NAMED or pictured is None:  # a full name is surer than a picture
        likely = [product] if product is not None and fit >= HALF else []
    else:
        likely = [pictured] if product is None or fit < HALF else [pictured, product]
    if likely:
        return min(likely, key=lambda item: genuine_of[item.product_id]), True
    return min(priced.values(), key=lambda item: genuine_of[item.product_id]), False


def _share(title: str, name: str) -> float:
    """How much of the genuine amount is offered: a 5 ml sample of a 50 ml serum is a tenth. Never more than whole."""
    offered, whole = amounts(title), amounts(name)
    for unit, amount in offered.items():
        if whole.get(unit) and amount:
            return max(0.02, min(1.0, amount / whole[unit]))
    return 1.0
