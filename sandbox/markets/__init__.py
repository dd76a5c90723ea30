"""One file per marketplace the sandbox plays, each with a page structure of its own."""

from __future__ import annotations

from sandbox.markets.families import ApiV4, InitData, NextData, PageData
from sandbox.markets.harborlane import Harborlane
from sandbox.markets.longshi import Longshi
from sandbox.markets.marktkorb import Marktkorb
from sandbox.markets.pasarria import Pasarria
from sandbox.storefront import Storefront

STOREFRONTS: dict[str, type[Storefront]] = {
    "harborlane": Harborlane,
    "marktkorb": Marktkorb,
    "longshi": Longshi,
    "pasarria": Pasarria,
    "aliexpress": InitData,
    "lazada": PageData,
    "leboncoin": NextData,
    "shopee": ApiV4,
}
