"""The one shape every marketplace's offer is brought to. Absent means not shown; nothing is guessed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import attrs

from contracts.errors import BadInput
from contracts.since import is_since


class AccessRung(StrEnum):
    """How a page was reached: the rungs of the access ladder."""

    API = "api"
    HTTP = "http"
    BROWSER = "browser"
    CAPTURE = "capture"
    FEED = "feed"


class PageOutcome(StrEnum):
    """What a fetched page turned out to be. *Blocked* is never *empty* and never *removed*."""

    OK = "ok"
    EMPTY = "empty"
    BLOCKED = "blocked"
    REMOVED = "removed"
    UNKNOWN = "unknown"
    FAILED = "failed"
    REFUSED = "refused"  # robots.txt, a private address or a budget said no


MOST_REVIEWS = 20  # of a listing that are kept
LONGEST_REVIEW = 500  # characters

_Reader = Callable[[str, str, Any], Any]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


@attrs.frozen(kw_only=True)
class Listing:
    """One offer on one marketplace as one page showed it.

    Money is `Decimal` in major units of ``currency`` (ISO 4217). ``price`` is what a buyer pays now for the default
    offer; for a range it is the lower bound and ``price_max`` the upper. ``site`` is the ISO 3166-1 country of the
    site, ``ship_from`` and ``seller_country`` are as shown. ``seller_since`` is since when the seller says to be there,
    as `contracts.since` writes it. ``trader`` holds what the page displays of the trader by law (name, address, e-mail,
    phone, register number). ``reviews`` are the first that the page itself shows, at most
    `MOST_REVIEWS` of `LONGEST_REVIEW` characters.
    """

    market: str
    title: str
    listing_id: str | None = None
    site: str | None = None
    url: str | None = None
    description: str | None = None
    brand: str | None = None
    price: Decimal | None = None
    price_max: Decimal | None = None
    list_price: Decimal | None = None
    currency: str | None = None
    condition: str | None = None
    availability: str | None = None
    seller_id: str | None = None
    seller_name: str | None = None
    seller_url: str | None = None
    seller_country: str | None = None
    seller_since: str | None = None
    trader: Mapping[str, str] = attrs.field(factory=dict)
    ship_from: str | None = None
    image_urls: tuple[str, ...] = ()
    category_path: tuple[str, ...] = ()
    attributes: Mapping[str, str] = attrs.field(factory=dict)
    sold_count: int | None = None
    review_count: int | None = None
    rating: Decimal | None = None
    reviews: tuple[str, ...] = ()
    language: str | None = None
    observed_at: datetime | None = None
    rung: AccessRung | None = None
    parser: str | None = None
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dict without the absent fields; decimals are plain strings, times ISO 8601 in UTC."""
        full = attrs.asdict(self, recurse=False)
        return {name: _plain(value) for name, value in full.items() if value not in (None, (), {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, where: str = "listing") -> Listing:
        """Read what `to_json` wrote.

        Raises:
            BadInput: names the first field that is unknown, missing or of the wrong kind.
        """
        known = cls.__annotations__
        values: dict[str, Any] = {}
        for name, value in data.items():
            if name not in known:
                raise BadInput(where, name, "a field of the listing contract", value)
            if value is not None:
                reader: _Reader = _READERS.get(name, _text)
                values[name] = reader(where, name, value)
        for name in ("market", "title"):
            if not values.get(name):
                raise BadInput(where, name, "a text that is not empty", values.get(name))
        return cls(**values)

    def fingerprint(self) -> str:
        """Return a SHA-256 over what a person would judge: words, pictures, price, seller.

        No counts, no times, no reviews: what buyers add later is no change of the offer.
        """
        judged = {
            name: _plain(getattr(self, name))
            for name in (
                "market", "listing_id", "title", "description", "brand", "price", "price_max", "currency",
                "condition", "seller_id", "seller_name", "image_urls", "attributes",
            )
        }  # fmt: skip
        text = json.dumps(judged, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _decimal(where: str, name: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise BadInput(where, name, "a plain decimal", value) from None
    if not number.is_finite() or number < 0:
        raise BadInput(where, name, "a decimal of zero or more", value)
    return number


def _count(where: str, name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadInput(where, name, "a whole number of zero or more", value)
    return int(value)


def _texts(where: str, name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise BadInput(where, name, "a list of texts", value)
    return tuple(value)


def _table(where: str, name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise BadInput(where, name, "a table of texts", value)
    return {str(key): str(item) for key, item in value.items()}


def _moment(where: str, name: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(where, name, "an ISO 8601 time", value) from None
    if moment.tzinfo is None:
        raise BadInput(where, name, "a time with its zone", value)
    return moment


def _since(where: str, name: str, value: Any) -> str:
    if not isinstance(value, str) or not is_since(value):
        raise BadInput(where, name, "a year, month or day (2019-04), or an age such as P3M", value)
    return value


def _rung(where: str, name: str, value: Any) -> AccessRung:
    try:
        return AccessRung(value)
    except ValueError:
        raise BadInput(where, name, "one of " + ", ".join(AccessRung), value) from None


def _text(where: str, name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput(where, name, "a text", value)
    return value


_READERS: dict[str, _Reader] = {
    "price": _decimal,
    "price_max": _decimal,
    "list_price": _decimal,
    "rating": _decimal,
    "sold_count": _count,
    "review_count": _count,
    "image_urls": _texts,
    "reviews": _texts,
    "category_path": _texts,
    "warnings": _texts,
    "trader": _table,
    "attributes": _table,
    "observed_at": _moment,
    "rung": _rung,
    "seller_since": _since,
}
