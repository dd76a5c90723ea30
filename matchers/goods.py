"""What kind of goods a listing offers or a product is, and whether the brand makes or registered that class."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import attrs

from contracts.goods import Goods, goods
from contracts.listing import Listing
from contracts.match import BrandProfile, ReferenceProduct, Sentence
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


@attrs.frozen(kw_only=True)
class ClassView:
    """How a listing's goods lie to the Nice classes registered where it is sold.

    ``registered`` are the classes of trademark rights in force in ``country``, ``rights`` their names; ``offered`` is
    what the goods are, one kind for each class; ``within`` is None where that cannot be told or nothing is registered.
    Classes are administrative: goods of different ones can be similar (Regulation (EU) 2017/1001 Art. 33(7)), and a
    mark with a reputation reaches beyond them (Art. 9(2)(c)).
    """

    country: str
    registered: tuple[int, ...] = ()
    rights: tuple[str, ...] = ()
    offered: tuple[Sentence, ...] = ()
    within: bool | None = None


def classes(
    listing: Listing, brand: BrandProfile, today: date, product: ReferenceProduct | None = None
) -> ClassView | None:
    """Tell whether the goods lie within the classes registered in the site's country.

    Args:
        listing: the offer; its goods are known by its words.
        brand: with its registered trademark rights.
        today: the day they must be in force.
        product: the registered product it was recognised as, for where the words name no kind of goods.

    Returns:
        None where the site serves no one country or the brand registered no trademark at all.
    """
    if listing.site is None or not brand.rights:
        return None
    rights = [right for right in brand.rights if right.in_force(today, listing.site)]
    registered = tuple(sorted({number for right in rights for number in right.classes}))
    found = {kind.nice: (kind.name, kind.name_ko) for kind in kinds_of(listing)}
    if not found and product is not None and product.nice_class:
        found = {product.nice_class: (product.name, product.name)}
    offered = [Sentence(en=f"{en}, class {nice}", ko=f"{ko} 제{nice}류") for nice, (en, ko) in sorted(found.items())]
    return ClassView(
        country=listing.site,
        registered=registered,
        rights=tuple(right.label for right in rights),
        offered=tuple(offered),
        within=not found.keys().isdisjoint(registered) if found and registered else None,
    )


def foreign(listing: Listing, brand: BrandProfile) -> tuple[Goods, ...]:
    """Return the merchandise a listing offers where none of its goods is of a class the brand registered goods in.

    Nothing when the brand registered no class, or the goods are not known.
    """
    own = {product.nice_class for product in brand.products if product.nice_class}
    found = kinds_of(listing)
    if not own or any(kind.nice in own for kind in found):
        return ()
    return tuple(kind for kind in found if kind.merchandise)
