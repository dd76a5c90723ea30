"""Taobao. Its pages are those of `crawlers.families.taobao` and `crawlers.families.taobao_items`, shared with Tmall.

The state of result pages and the item page to 2023 are proven on real pages; the newer layouts follow published
readers and are not.
"""

from __future__ import annotations

from crawlers.families.taobao import OpenAnswer, RenderedCards, SearchAnswer, SearchState, ShopRows, TmallTiles
from crawlers.families.taobao_items import ClassicItem, DetailAnswer, RenderedItem

PAGES = (
    SearchState,
    SearchAnswer,
    RenderedCards,
    TmallTiles,
    ShopRows,
    DetailAnswer,
    ClassicItem,
    RenderedItem,
    OpenAnswer,
)
