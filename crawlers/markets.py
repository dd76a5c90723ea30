"""Whose page an address is: the marketplace and site of a host name, or a stand-alone shop."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import attrs

from contracts.market import Manifest, Site, manifests

SHOP = "shop"  # every shop that is no marketplace of ours: read by its structured data
STAND_INS = "JIKIMI_MARKET_ORIGINS"  # the demo's marketplaces on loopback: harborlane=http://127.0.0.1:8101,...


@attrs.frozen(kw_only=True)
class Whose:
    """A marketplace (or `SHOP`), its manifest where it has one, and the site where the host tells it."""

    market: str
    manifest: Manifest | None = None
    site: Site | None = None

    @property
    def is_shop(self) -> bool:
        """Tell whether the page is a stand-alone shop's; its listing ids mean something only there."""
        return self.market == SHOP


def host_of(url: str) -> str:
    """Return the host name in an address in lower case; "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _stands_for(url: str) -> str | None:
    """Return the marketplace whose place an address on this machine takes, as the demo says."""
    pairs = (pair.partition("=") for pair in os.environ.get(STAND_INS, "").split(",") if pair)
    return next((market for market, _, origin in pairs if origin and url.startswith(f"{origin}/")), None)


def whose(url: str, hint: str | None = None) -> Whose:
    """Return whose page an address is; of several sites the one with the longest domain.

    Args:
        url: the page's address; unknown ones (``about:blank``) belong to nobody, so to `SHOP`.
        hint: id of the marketplace, where the caller knows better than the address.
    """
    known, host = manifests(), host_of(url)
    hint = hint or _stands_for(url)
    if hint:
        manifest = known.get(hint)
        return Whose(market=hint, manifest=manifest, site=manifest.site_of_domain(host) if manifest and host else None)
    found = [(manifest, site) for manifest in known.values() if (site := manifest.site_of_domain(host))] if host else []
    if not found:
        return Whose(market=SHOP, manifest=known.get(SHOP))
    manifest, site = max(found, key=lambda pair: len(pair[1].domain.removeprefix("www.")))
    return Whose(market=manifest.id, manifest=manifest, site=site)
