"""Tmall: the pages of Taobao, tiles of its own and item pages with ``TShop.Setup``. None is proven on a real page.

What `mdskip` answers (prices and stock of an item) names no listing and is nothing known.
"""

from __future__ import annotations

from crawlers.pages.taobao import PAGES

__all__ = ["PAGES"]
