"""Which words are looked for where: every spelling a site's shoppers could read, and the goods without the name."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from contracts.market import Manifest, Site
from contracts.match import BrandProfile, Script

# Scripts the shoppers of a language read beside Latin; Hangul is looked for everywhere, because "Korean" sells.
SCRIPTS_OF = {
    "zh": {Script.HAN, Script.HAN_SIMPLIFIED, Script.HAN_TRADITIONAL},
    "ja": {Script.HAN, Script.KANA},
    "th": {Script.THAI},
    "ru": {Script.CYRILLIC},
}
EVERYWHERE = {Script.LATIN, Script.HANGUL}
NAME_PAGES = 5
GOODS_PAGES = 2


@attrs.frozen(kw_only=True)
class Plan:
    """A term worth a watch, its page budget and why."""

    term: str
    pages: int
    why: str


def plan(brand: BrandProfile, manifest: Manifest, site: Site) -> Iterator[Plan]:
    """Yield the terms to search for on one site, names first; nothing where the market cannot be searched."""
    if manifest.addresses.search is None:
        return
    scripts = set(EVERYWHERE)
    for language in site.languages:
        scripts |= SCRIPTS_OF.get(language.split("-")[0], set())
    seen: set[str] = set()
    for mark in brand.marks:
        for spelling in mark.spellings:
            if spelling.script in scripts and spelling.text.casefold() not in seen:
                seen.add(spelling.text.casefold())
                yield Plan(
                    term=spelling.text, pages=NAME_PAGES, why=f"mark {spelling.text} ({spelling.script.name.lower()})"
                )
    # A seller under pressure drops the name and keeps the picture: look for the goods as well.
    for product in brand.products:
        for word in product.keywords:
            if word.casefold() not in seen:
                seen.add(word.casefold())
                yield Plan(term=word, pages=GOODS_PAGES, why=f"goods of {product.name}")
