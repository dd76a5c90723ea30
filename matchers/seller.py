"""Who sells: authorised shops come before everything; names that borrow the brand's do not."""

from __future__ import annotations

import re
from datetime import date

import attrs

from contracts.listing import Listing
from contracts.match import AuthorisedShop, BrandProfile
from contracts.rights import EU
from contracts.since import dated, most_days
from matchers.folding import fold, skeleton
from matchers.places import country_of
from matchers.windows import letters

MIN_NAME = 4  # letters of a mark that a shop name must carry to imitate it
_OFFICIAL = re.compile(
    r"official|flagship|store|shop|mall|authori[sz]ed|brand|global|korea|旗舰|官方|专卖|公式|공식|직영|ทางการ|resmi"
    r"|offiziell|officiel|oficial|ufficiale|oficjalny|chinh hang"
)


@attrs.frozen
class Standing:
    """How a seller stands to the brand. ``shop`` is the registry entry of an authorised or once authorised shop."""

    authorised: bool = False
    lapsed: bool = False  # the authorisation has ended
    elsewhere: bool = False  # authorised, but not in this country
    imitates: str = ""  # the mark's spelling a shop's name borrows
    claims_office: bool = False  # "official", "flagship" ... beside it
    shop: AuthorisedShop | None = None


@attrs.frozen
class Age:
    """Since when a shop is there, a date as precise as its page has it, and how many days that is at most."""

    since: str
    days: int


def standing(listing: Listing, brand: BrandProfile, today: date) -> Standing:
    """Tell how the listing's seller stands to the brand on a day.

    A shop is known by market and shop id, never by its name: names can be borrowed. Its territory is the site's
    country; a listing whose site is not known is not excused by an authorisation that has a territory.
    """
    found = Standing()
    for shop in brand.authorised:
        if not _is_shop(listing, shop):
            continue
        if shop.expires is not None and shop.expires < today:
            found = Standing(lapsed=True, shop=shop)
        elif shop.territory and listing.site not in shop.territory:
            found = Standing(elsewhere=True, shop=shop)
        else:
            return Standing(authorised=True, shop=shop)
    if found.shop is not None:
        return found
    name = listing.seller_name or listing.seller_id or ""
    borrowed = _borrowed(name, brand)
    return Standing(imitates=borrowed, claims_office=bool(borrowed and _OFFICIAL.search(fold(name).text)))


def third_country(listing: Listing, brand: BrandProfile) -> str:
    """Return the country the goods are shipped from where nobody would expect it; "" where it is fine or not known.

    Expected are Korea, where the brands are from, the site's country, which for members of the EU is the whole of it,
    and wherever an authorised shop may sell. A site that serves no one country has no abroad.
    """
    country = country_of(listing.ship_from)
    if country is None or listing.site is None:
        return ""
    home = EU if listing.site in EU else {listing.site}
    served = {place for shop in brand.authorised for place in shop.territory}
    return "" if country == "KR" or country in home or country in served else country


def age(listing: Listing, today: date) -> Age | None:
    """Return how old the shop was when its page was seen; None where the page says nothing of it.

    Args:
        listing: the offer as its page showed it.
        today: when it was seen, where the listing does not tell.
    """
    seen = listing.observed_at.date() if listing.observed_at else today
    days = most_days(listing.seller_since, seen) if listing.seller_since else None
    return None if days is None else Age(dated(listing.seller_since or "", seen), days)


def _is_shop(listing: Listing, shop: AuthorisedShop) -> bool:
    return listing.market == shop.market and bool(listing.seller_id) and listing.seller_id == shop.shop_id


def _borrowed(name: str, brand: BrandProfile) -> str:
    """Return the longest spelling of the brand's marks inside a shop's name, look-alike digits read as letters."""
    own = letters(name)
    if not own:
        return ""
    bare = skeleton(own)
    spellings = [
        spelling.text
        for mark in brand.marks
        if not mark.common_word
        for spelling in mark.spellings
        if len(form := letters(spelling.text)) >= (MIN_NAME if form.isascii() else 2) and skeleton(form) in bare
    ]
    return max(spellings, key=len, default="")
