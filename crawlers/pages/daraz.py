"""Daraz: nothing of its own; its pages are those of its family."""

from crawlers.families.page_data import ProductPage, RenderedRows, StateRows

PAGES = (StateRows, RenderedRows, ProductPage)
