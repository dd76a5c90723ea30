"""What kind of goods a listing offers or a product is, by its words, and whether that lies outside a brand's own."""

from __future__ import annotations

import re
from functools import cache

from contracts.goods import Goods, goods
from contracts.listing import Listing
from contracts.match import BrandProfile, ReferenceProduct
from matchers.folding import fold

SHELVES = 2  # of a category path that are read, the innermost


@cache
def _expressions() -> tuple[tuple[Goods, re.Pattern[str]], ...]:
    return tuple((kind, re.compile("|".join(_word(word) for word in kind.all_words))) for kind in goods())


def _word(word: str) -> str:
    """Return an expression for a word: at its borders in Latin letters, anywhere in scripts without spaces."""
    text = re.escape(fold(word).text.strip())
    return rf"(?<!\w){text}(?!\w)" if word.isascii() or fold(word).text.isascii() else text


def kinds_of(listing: Listing) -> tuple[Goods, ...]:
    """Return every kind of goods the title or the innermost shelves name."""
    text = fold(" / ".join((listing.title, *listing.category_path[-SHELVES:]))).text
    return tuple(kind for kind, expression in _expressions() if expression.search(text))


def kind_of(product: ReferenceProduct) -> Goods | None:
    """Return the kind of a registered product by its keywords, else by its name; None for one we do not know.

    The longest word decides, so that 핸드크림 (hand cream) is not taken for 크림 (cream). Where the product's Nice
    class is registered, kinds of other classes are left out: a noodle cup is no cup.
    """
    for texts in (product.keywords, (product.name,)):
        found = [
            (len(hit[0]), kind)
            for kind, expression in _expressions()
            if product.nice_class in (None, kind.nice)
            for text in texts
            for hit in expression.finditer(fold(text).text)
        ]
        if found:
            return max(found, key=lambda pair: pair[0])[1]
    return None


def foreign(listing: Listing, brand: BrandProfile) -> tuple[Goods, ...]:
    """Return the merchandise a listing offers where none of its goods is of a class the brand registered goods in.

    Nothing when the brand registered no class, or the goods are not known.
    """
    own = {product.nice_class for product in brand.products if product.nice_class}
    found = kinds_of(listing)
    if not own or any(kind.nice in own for kind in found):
        return ()
    return tuple(kind for kind in found if kind.merchandise)
