"""What the queue page and the review page show, each read with a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs
from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.models import Organisation, User
from contracts.market import manifests
from listings.models import Listing, ListingImage
from listings.queries import came_by_pool
from registry.models import Product, ReferenceImage
from triage.changes import Change, changes
from triage.filters import SHOWN, QueueFilter, regions_of_markets
from triage.models import GROUND_LABELS, Flag, Verdict
from triage.pairs import Pair, named_reference, pairs_of
from triage.permissions import DECIDERS
from triage.services import UNDO_WINDOW, strongest_signal
from triage.states import OPEN, FlagState, VerdictState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PAGE_SIZE = 25
LAST_DECISIONS = 10
TOLD = frozenset({"goods_class"})  # weighs nothing; a person wants to know it before a notice
FELT = 0.05  # log-odds; a signal that moved the probability by less is no reason to show


@attrs.frozen(kw_only=True)
class Choice:
    """One value a filter can take, and how many flags it would show."""

    value: str
    label: object
    count: int


@attrs.frozen(kw_only=True)
class QueuePage:
    """One page of the queue with everything its filters offer."""

    flags: Page  # type: ignore[type-arg]
    filters: QueueFilter
    counts: dict[str, int]  # by the keys of SHOWN, within the filter
    brands: list[Choice]
    markets: list[Choice]
    regions: list[Choice]
    grounds: list[Choice]
    may_decide: bool


def market_names() -> dict[str, str]:
    """Return the name of every configured market."""
    return {market: manifest.name for market, manifest in manifests().items()}


def may_decide(user: User) -> bool:
    """Tell whether the user decides flags of any organisation."""
    return user.memberships.filter(role__in=DECIDERS).exists()


def queue_page(*, user: User, filters: QueueFilter, page: int | str = 1) -> QueuePage:
    """Return one page of the queue, highest risk first; four queries whatever it holds."""
    rows = list(
        Flag.objects.for_user(user)
        .order_by()
        .values("brand_id", "brand__name", "listing__market", "ground", "state")
        .annotate(count=Count("pk", distinct=True))
    )
    names = market_names()
    regions = regions_of_markets()
    fitting = [row for row in rows if _fits(row, filters, regions)]
    shown = [row for row in rows if row["state"] in SHOWN[filters.show]]
    tally: dict[str, Counter[str]] = {name: Counter() for name in ("brand", "market", "region", "ground")}
    for row in shown:
        for name, value in _parts(row, regions).items():
            if _fits(row, attrs.evolve(filters, **{name: None if name == "brand" else ""}), regions):
                tally[name][value] += row["count"]
    brand_names = {str(row["brand_id"]): row["brand__name"] for row in rows}
    total = sum(row["count"] for row in fitting if row["state"] in SHOWN[filters.show])
    return QueuePage(
        flags=_paginate(filters.apply(Flag.objects.for_user(user)), total, page),
        filters=filters,
        counts={name: sum(row["count"] for row in fitting if row["state"] in states) for name, states in SHOWN.items()},
        brands=_choices(tally["brand"], brand_names),
        markets=_choices(tally["market"], names),
        regions=_choices(tally["region"], {}),
        grounds=_choices(tally["ground"], GROUND_LABELS),
        may_decide=may_decide(user),
    )


def _parts(row: dict[str, Any], regions: dict[str, str]) -> dict[str, str]:
    market = row["listing__market"]
    return {
        "brand": str(row["brand_id"]),
        "market": market,
        "region": regions.get(market, ""),
        "ground": row["ground"],
    }


def _fits(row: dict[str, Any], filters: QueueFilter, regions: dict[str, str]) -> bool:
    wanted = {
        "brand": "" if filters.brand is None else str(filters.brand),
        "market": filters.market,
        "region": filters.region,
        "ground": filters.ground,
    }
    return all(not wanted[name] or wanted[name] == value for name, value in _parts(row, regions).items())


def _choices(tally: Counter[str], labels: Any) -> list[Choice]:
    return [
        Choice(value=value, label=labels.get(value, value), count=count)
        for value, count in sorted(tally.items(), key=lambda item: str(labels.get(item[0], item[0])))
        if value
    ]


class _CountedPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that was told the count."""

    def __init__(self, flags: QuerySet[Flag], total: int) -> None:
        super().__init__(flags, PAGE_SIZE)
        self.count = total  # replaces the cached property, and with it a query


def _paginate(flags: QuerySet[Flag], total: int, page: int | str) -> Page:  # type: ignore[type-arg]
    pictures = Prefetch("listing__images", ListingImage.objects.exclude(sha256=""), to_attr="shown_images")
    rows = flags.select_related("listing", "brand", "leased_by").prefetch_related(pictures)
    return _CountedPaginator(rows.order_by("-probability", "id"), total).get_page(page)


@attrs.frozen(kw_only=True)
class SignalRow:
    """A stored signal for the table of reasons."""

    name: str
    value: float
    weight: float
    reason: dict[str, str]
    compared_with: str
    words: Sequence[str]
    without: float | None  # the probability without this signal
    version: str


@attrs.frozen(kw_only=True)
class SellerCard:
    """What is known of a seller within what this user may see."""

    listings: int
    flags: int
    verdicts: list[Choice]


@attrs.frozen(kw_only=True)
class FlagPage:
    """Everything the review page shows. ``pooled``: a watch of another organisation found the listing."""

    flag: Flag
    pooled: bool
    pairs: list[Pair]
    references: list[ReferenceImage]
    signals: list[SignalRow]
    strongest: str
    words: list[str]
    product: Product | None
    seller: SellerCard
    history: list[Verdict]
    changed: list[Change]
    last_decisions: list[Verdict]
    left: int
    may_decide: bool
    held: bool
    holder: User | None
    asked_second_look: bool

    @property
    def standing(self) -> Verdict | None:
        """The verdict that stands, if any."""
        return next((verdict for verdict in self.history if verdict.state == VerdictState.STANDING), None)


def flag_page(*, user: User, flag: Flag, filters: QueueFilter | None = None) -> FlagPage:
    """Return what the review page shows of ``flag``, which the caller got by ``for_user``; twelve queries."""
    flag = (
        Flag.objects.select_related("listing__seller", "brand__organisation", "capture", "leased_by", "spot_check")
        .prefetch_related("listing__images")
        .get(pk=flag.pk)
    )
    references = list(flag.brand.images.select_related("product"))
    history = list(flag.verdicts.select_related("by", "capture"))
    last = next((verdict for verdict in history if verdict.state != VerdictState.UNDONE), None)
    changed = changes(last.capture.data, flag.capture.data) if last and last.fingerprint != flag.fingerprint else []
    now = timezone.now()
    running = flag.state == FlagState.LEASED and flag.leased_until is not None and flag.leased_until > now
    roles = set(user.memberships.filter(organisation=flag.organisation).values_list("role", flat=True))
    stored = flag.match.get("signals", [])
    return FlagPage(
        flag=flag,
        pooled=came_by_pool(flag.listing, flag.organisation),
        pairs=pairs_of(flag.match, references, list(flag.listing.images.all())),
        references=references,
        signals=_signal_rows(flag.match, references),
        strongest=strongest_signal(flag.match),
        words=[word for signal in stored for word in signal.get("words", ())],
        product=_product(flag, stored),
        seller=_seller_card(user, flag),
        history=history,
        changed=changed,
        last_decisions=last_decisions(user=user),
        left=(filters or QueueFilter()).narrow(Flag.objects.for_user(user)).filter(state__in=OPEN).count(),
        may_decide=bool(roles & set(DECIDERS)),
        held=running and flag.leased_by == user,
        holder=flag.leased_by if running and flag.leased_by != user else None,
        asked_second_look=flag.state == FlagState.SECOND_LOOK and _asked(user, flag, history),
    )


def _asked(user: User, flag: Flag, history: list[Verdict]) -> bool:
    return any(
        verdict.by == user
        and verdict.kind == "unsure"
        and verdict.state != VerdictState.UNDONE
        and verdict.fingerprint == flag.fingerprint
        for verdict in history
    )


def _signal_rows(match: dict[str, Any], references: Sequence[ReferenceImage]) -> list[SignalRow]:
    without = match.get("without", {})
    rows = [
        SignalRow(
            name=signal["name"],
            value=signal["value"],
            weight=signal["weight"],
            reason=signal["reason"],
            compared_with=_compared_with(signal, references),
            words=signal.get("words", ()),
            without=without.get(signal["name"]),
            version=signal.get("version", ""),
        )
        for signal in match.get("signals", ())
        if abs(signal["weight"]) >= FELT or signal["name"] in TOLD
    ]
    return sorted(rows, key=lambda row: -abs(row.weight))


def _compared_with(signal: dict[str, Any], references: Sequence[ReferenceImage]) -> str:
    """Return what a signal was compared with as a person names it: a picture by its product or file."""
    named = signal.get("compared_with", "")
    if signal.get("listing_image") and (reference := named_reference(references, named)):
        return reference.product.name if reference.product else reference.file_name
    return str(named)


def _product(flag: Flag, stored: list[dict[str, Any]]) -> Product | None:
    """Return the registered product a signal names, else the only one of the brand."""
    named = {signal.get("compared_with", "") for signal in stored}
    products = list(flag.brand.products.all())
    for product in products:
        if named & {str(product.pk), product.code, product.name}:
            return product
    return products[0] if len(products) == 1 else None


def _seller_card(user: User, flag: Flag) -> SellerCard:
    seller = flag.listing.seller
    if seller is None:
        return SellerCard(listings=0, flags=0, verdicts=[])
    others = Flag.objects.for_user(user).filter(listing__seller=seller).exclude(pk=flag.pk)
    seen = Q(sightings__organisation__memberships__user=user) | Q(flags__brand__organisation__memberships__user=user)
    tally = (
        Verdict.objects.filter(flag__in=others.values("pk"), state=VerdictState.STANDING)
        .filter(Q(memory_expires_at=None) | Q(memory_expires_at__gt=timezone.now()))
        .order_by()
        .values("kind")
        .annotate(count=Count("pk"))
    )
    labels = dict(Verdict._meta.get_field("kind").flatchoices)
    return SellerCard(
        listings=Listing.objects.filter(seen, seller=seller).exclude(pk=flag.listing_id).distinct().count(),
        flags=others.count(),
        verdicts=_choices(Counter({row["kind"]: row["count"] for row in tally}), labels),
    )


def last_decisions(*, user: User | AnonymousUser) -> list[Verdict]:
    """Return the user's last ten decisions, newest first, each with ``undoable``; one query."""
    newest = (
        Verdict.objects.filter(by=user, flag__brand__organisation__memberships__user=user)
        .select_related("flag__listing", "flag__brand")
        .distinct()
        .order_by("-id")[:LAST_DECISIONS]
    )
    closes = timezone.now() - UNDO_WINDOW
    rows = list(newest)
    for verdict in rows:
        verdict.undoable = verdict.state == VerdictState.STANDING and verdict.at > closes  # type: ignore[attr-defined]
    return rows


def undoable_next(decisions: Sequence[Verdict]) -> Verdict | None:
    """Return the newest of `last_decisions` that can still be undone."""
    return next((verdict for verdict in decisions if getattr(verdict, "undoable", False)), None)


def riskiest(*, limit: int, filters: QueueFilter | None = None) -> list[Flag]:
    """Return the open flags of every organisation, highest risk first, for the operator's terminal; one query."""
    flags = (filters or QueueFilter()).narrow(Flag.objects.filter(state__in=SHOWN["open"]))
    return list(flags.select_related("listing", "brand").order_by("-probability", "id")[:limit])


def flags_by_listing(*, organisation: Organisation, listings: Sequence[int]) -> dict[int, list[Flag]]:
    """Return by listing its flags for an organisation's brands, highest risk first, with their verdicts: 3 queries."""
    flags = Flag.objects.filter(listing__in=listings, brand__organisation=organisation)
    found: dict[int, list[Flag]] = {}
    for flag in flags.select_related("brand").prefetch_related("verdicts__by").order_by("-probability", "pk"):
        found.setdefault(flag.listing_id, []).append(flag)
    return found
