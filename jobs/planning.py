"""What is looked for where.

Every spelling a site's shoppers could read, likely misspellings, the goods without the name, the shelves they lie on,
and the pictures where a market finds by picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import attrs

from contracts.job import WatchKind
from contracts.market import Manifest, Site
from contracts.match import BrandProfile, Mark, Script, Spelling
from contracts.scripts import script_of
from jobs.goods import line_name, local_words
from jobs.misspellings import misspellings
from jobs.reasons import WatchReason

# Scripts the shoppers of a language read beside Latin; Hangul is looked for everywhere, because "Korean" sells.
SCRIPTS_OF = {
    "zh": {Script.HAN, Script.HAN_SIMPLIFIED, Script.HAN_TRADITIONAL},
    "ko": {Script.HANGUL},
    "ja": {Script.HAN, Script.KANA},
    "th": {Script.THAI},
    "bg": {Script.CYRILLIC},
    "kk": {Script.CYRILLIC},
    "ru": {Script.CYRILLIC},
    "uk": {Script.CYRILLIC},
    "ar": {Script.OTHER},  # which of the others a text is in is not told apart
    "bn": {Script.OTHER},
    "el": {Script.OTHER},
    "hi": {Script.OTHER},
}
EVERYWHERE = {Script.LATIN, Script.HANGUL}
NAME_PAGES = 5
MISSPELLING_PAGES = 1
LINE_PAGES = 1
LINES = 30  # per brand and site: every product has its own, and a catalogue may have thousands
GOODS_PAGES = 2
CATEGORY_PAGES = 3
PICTURE_PAGES = 1
PICTURES = 5  # per brand: each is a search of its own
PICTURE_KINDS = ("product", "packaging", "character")  # a logo alone finds everything that carries it, rightly too

PLANNED = frozenset({WatchKind.SEARCH, WatchKind.CATEGORY, WatchKind.IMAGE})  # the others come from verdicts


@attrs.frozen(kw_only=True)
class Plan:
    """A term worth a watch, its page budget and why."""

    kind: WatchKind
    term: str
    pages: int
    reason: WatchReason
    about: str


def plan(brand: BrandProfile, manifest: Manifest, site: Site) -> Iterator[Plan]:
    """Yield what to look for on one site, names first; nothing where the market has no address for it."""
    if manifest.addresses.search is not None:
        yield from _terms(brand, site)
    yield from _categories(brand, manifest)
    if manifest.image_search:
        yield from _pictures(brand)


def _terms(brand: BrandProfile, site: Site) -> Iterator[Plan]:
    seen: set[str] = set()
    for planned in (*_names(brand, site), *_misspelt(brand, site), *_goods(brand, site)):
        if planned.term.casefold() not in seen:
            seen.add(planned.term.casefold())
            yield planned


def _read_by(site: Site) -> set[Script]:
    """Return the scripts a site's shoppers read beside Latin."""
    return set().union(*(SCRIPTS_OF.get(language.split("-")[0], set()) for language in site.languages))


def _spellings(brand: BrandProfile, site: Site) -> list[tuple[Mark, Spelling]]:
    """Return the spellings the site's shoppers could read."""
    scripts = EVERYWHERE | _read_by(site)
    return [(mark, spelling) for mark in brand.marks for spelling in mark.spellings if spelling.script in scripts]


def _names(brand: BrandProfile, site: Site) -> Iterator[Plan]:
    for _, spelling in _spellings(brand, site):
        yield _search(spelling.text, NAME_PAGES, WatchReason.MARK, spelling.text)


def _misspelt(brand: BrandProfile, site: Site) -> Iterator[Plan]:
    for mark, spelling in _spellings(brand, site):
        if not mark.common_word:  # a slip in an ordinary word is another one
            for wrong in misspellings(spelling.text):
                yield _search(wrong, MISSPELLING_PAGES, WatchReason.MISSPELLING, spelling.text)


def _goods(brand: BrandProfile, site: Site) -> Iterator[Plan]:
    """Yield the goods without the name: a seller under pressure drops it, or writes it so that no search finds it."""
    read = {Script.LATIN} | _read_by(site)
    named = ((line_name(product, brand), product) for product in brand.products)
    lines = ((line, product) for line, product in named if line and script_of(line) in read)
    for line, product in islice(lines, LINES):
        yield _search(line, LINE_PAGES, WatchReason.GOODS, product.name)
    for product in brand.products:
        legible = [word for word in product.keywords if script_of(word) in read]
        for word in (*legible, *local_words(product, site.languages)):
            yield _search(word, GOODS_PAGES, WatchReason.GOODS, product.name)


def _search(term: str, pages: int, reason: WatchReason, about: str) -> Plan:
    return Plan(kind=WatchKind.SEARCH, term=term, pages=pages, reason=reason, about=about)


def _categories(brand: BrandProfile, manifest: Manifest) -> Iterator[Plan]:
    classes = {product.nice_class for product in brand.products if product.nice_class in manifest.categories}
    paths: dict[str, int] = {}
    for nice_class in sorted(filter(None, classes)):
        paths.setdefault(manifest.categories[nice_class], nice_class)
    for path, nice_class in paths.items():
        yield Plan(
            kind=WatchKind.CATEGORY,
            term=path,
            pages=CATEGORY_PAGES,
            reason=WatchReason.CATEGORY,
            about=str(nice_class),
        )


def _pictures(brand: BrandProfile) -> Iterator[Plan]:
    names = {product.product_id: product.name for product in brand.products}
    chosen = [picture for picture in brand.pictures if picture.kind in PICTURE_KINDS]
    chosen.sort(key=lambda picture: PICTURE_KINDS.index(picture.kind))
    for picture in chosen[:PICTURES]:
        about = names.get(picture.product_id or "", brand.name)
        yield Plan(
            kind=WatchKind.IMAGE, term=picture.sha256, pages=PICTURE_PAGES, reason=WatchReason.PICTURE, about=about
        )
