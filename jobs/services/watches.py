"""Watches: planned from the registry, made by verdicts, taught by what each run brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.permissions import require
from accounts.services import record
from contracts.job import RunStats, WatchKind
from contracts.market import Manifest, manifests
from jobs import cadence
from jobs.models import Find, Watch
from jobs.permissions import PLAN_WATCHES
from jobs.planning import PLANNED, plan
from jobs.queries import grouped
from jobs.reasons import WatchReason
from jobs.states import FIND, WATCH, FindState, WatchState
from registry.models import Brand
from registry.queries import profile

SELLER_PAGES = 5
SUSPECT_PAGES = 2
SUSPECTS = 20  # shops looked at on suspicion in every run, per brand and site: its budget stays small
BATCH = 500


@transaction.atomic
def plan_watches(*, actor: User | None, brand: Brand, markets: Iterable[Manifest]) -> tuple[int, int]:
    """Bring the watches of a brand on ``markets`` in line with what is registered.

    New ones are made, those that nothing registered asks for any more are stopped, stopped ones that are asked for
    again go on. Watches made by verdicts stay, but for shops that were authorised since.

    Returns:
        How many are new, and how many the brand has now on all markets, without the stopped.
    """
    require(actor, PLAN_WATCHES, brand)
    markets = list(markets)
    registered = profile(Brand.objects.get(pk=brand.pk))  # afresh: the one at hand may have been read before a change
    wanted = {
        (manifest.id, site.country, planned.kind, planned.term): planned
        for manifest in markets
        for site in manifest.sites
        for planned in plan(registered, manifest, site)
    }
    before = brand.watches.count()
    known = {
        (watch.market, watch.site, watch.kind, watch.term): watch
        for watch in brand.watches.filter(market__in=[manifest.id for manifest in markets], kind__in=PLANNED)
    }
    missing = [
        Watch(
            brand=brand,
            market=key[0],
            site=key[1],
            kind=planned.kind,
            term=planned.term,
            pages=planned.pages,
            reason=planned.reason,
            about=planned.about[:200],
        )
        for key, planned in wanted.items()
        if key not in known
    ]
    Watch.objects.bulk_create(missing, ignore_conflicts=True)
    asked_again = [known[key].pk for key in wanted if key in known and known[key].state == WatchState.STOPPED]
    asked_no_more = [watch.pk for key, watch in known.items() if key not in wanted]
    changed = _start(Watch.objects.filter(pk__in=asked_again)) + _stop(Watch.objects.filter(pk__in=asked_no_more))
    changed += _stop(_authorised(brand))
    new = brand.watches.count() - before
    if new or changed:
        detail = {"new": new, "stopped_or_started": changed}
        record(actor=actor, verb="watches.planned", subject=brand, organisation=brand.organisation, detail=detail)
    return new, brand.watches.looked_for().count()


def plan_market(*, market: str) -> None:
    """Plan every brand's watches on one market, before it is crawled."""
    for brand in Brand.objects.select_related("organisation"):
        plan_watches(actor=None, brand=brand, markets=[manifests()[market]])


def replan_brand(*, brand: Brand) -> None:
    """Plan a brand whose registry changed, on the markets it is looked for on already."""
    known = manifests()
    markets = set(brand.watches.order_by().values_list("market", flat=True))
    plan_watches(actor=None, brand=brand, markets=[known[market] for market in sorted(markets) if market in known])


def _start(watches: Iterable[Watch]) -> int:
    moved = Watch.objects.filter(
        pk__in=[watch.pk for watch in watches], state__in=WATCH.sources(WatchState.ACTIVE)
    ).update(state=WatchState.ACTIVE, barren=0, waited=0)
    return int(moved)


def _stop(watches: Iterable[Watch]) -> int:
    moved = Watch.objects.filter(
        pk__in=[watch.pk for watch in watches], state__in=WATCH.sources(WatchState.STOPPED)
    ).update(state=WatchState.STOPPED)
    return int(moved)


def _authorised(brand: Brand) -> list[Watch]:
    """Return the seller watches of shops that may sell."""
    shops = {
        (shop.market, shop.shop_id)
        for shop in brand.authorised_sellers.filter(Q(expires_on=None) | Q(expires_on__gte=timezone.localdate()))
    }
    sellers = brand.watches.looked_for().filter(kind=WatchKind.SELLER)
    return [watch for watch in sellers if (watch.market, watch.term) in shops]


@transaction.atomic
def watch_infringement(
    *, actor: User | None, brand: Brand, market: str, site: str, listing_id: str, seller_id: str = ""
) -> list[Watch]:
    """Watch a listing that was decided to be a counterfeit, and its seller; credit the watches that found it.

    Doing it again changes nothing. A seller is watched where the market has an address for shops and the brand did not
    authorise it.

    Returns:
        The watches that were made or started again.
    """
    require(actor, PLAN_WATCHES, brand)
    started: list[Watch] = []
    place = _place(market, site)
    if place is not None:
        manifest, site = place
        if manifest.addresses.listing:
            started += _ensure(brand, market, site, WatchKind.LISTING, listing_id, 1, WatchReason.LISTING)
        started += _ensure_seller(brand, manifest, site, seller_id, SELLER_PAGES, WatchReason.SELLER)
    credited = _finds(brand, market, listing_id).filter(state__in=FIND.sources(FindState.INFRINGING))
    moved = credited.update(state=FindState.INFRINGING)
    if started or moved:
        detail = {"market": market, "listing_id": listing_id, "watches": [watch.pk for watch in started]}
        record(actor=actor, verb="watches.infringement", subject=brand, organisation=brand.organisation, detail=detail)
    return started


@transaction.atomic
def watch_suspect(*, actor: User | None, brand: Brand, market: str, site: str, seller_id: str) -> list[Watch]:
    """Watch a shop that somebody suspects and nobody decided about, a few pages and `SUSPECTS` shops at a time.

    Doing it again changes nothing; a shop watched for a counterfeit is from now on watched as a suspected one, or no
    longer where there are so many already.

    Returns:
        The watch if it was made or started again.
    """
    require(actor, PLAN_WATCHES, brand)
    place = _place(market, site)
    if place is None:
        return []
    manifest, site = place
    active = brand.watches.filter(state=WatchState.ACTIVE)  # those that bring nothing any more rest, and make room
    suspects = active.filter(market=market, site=site, reason=WatchReason.SUSPECT)
    if suspects.exclude(term=seller_id).count() >= SUSPECTS:
        _stop(brand.watches.filter(market=market, kind=WatchKind.SELLER, term=seller_id))
        return []
    started = _ensure_seller(brand, manifest, site, seller_id, SUSPECT_PAGES, WatchReason.SUSPECT)
    if started:
        detail = {"market": market, "seller_id": seller_id}
        record(actor=actor, verb="watches.suspect", subject=brand, organisation=brand.organisation, detail=detail)
    return started


def _place(market: str, site: str) -> tuple[Manifest, str] | None:
    """Return a market and its site; None where there is no such, or it is not said which."""
    manifest = manifests().get(market)
    if manifest is not None and not site and len(manifest.sites) == 1:
        site = manifest.sites[0].country  # a capture or a feed need not say it
    known = manifest is not None and any(known.country == site for known in manifest.sites)
    return (manifest, site) if manifest is not None and known else None


def _ensure_seller(
    brand: Brand, manifest: Manifest, site: str, seller_id: str, pages: int, reason: WatchReason
) -> list[Watch]:
    """Watch a shop where the market has an address for shops and the brand did not authorise it."""
    if not manifest.addresses.seller or not seller_id:
        return []
    everywhere = brand.watches.filter(market=manifest.id, kind=WatchKind.SELLER, term=seller_id)
    everywhere.update(pages=pages, reason=reason)  # suspected before, or suspected still: that holds on every site
    started = _ensure(brand, manifest.id, site, WatchKind.SELLER, seller_id, pages, reason)
    refused = {watch.pk for watch in _authorised(brand)}
    _stop(watch for watch in started if watch.pk in refused)
    return [watch for watch in started if watch.pk not in refused]


def _ensure(
    brand: Brand, market: str, site: str, kind: WatchKind, term: str, pages: int, reason: WatchReason
) -> list[Watch]:
    watch, created = Watch.objects.get_or_create(
        brand=brand,
        market=market,
        site=site,
        kind=kind,
        term=term[:300],
        defaults={"pages": pages, "reason": reason, "about": term[:200]},
    )
    return [watch] if created or (watch.state == WatchState.STOPPED and _start([watch])) else []


def _finds(brand: Brand, market: str, listing_id: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 (a query set)
    return Find.objects.filter(watch__brand=brand, watch__market=market, listing_id=listing_id)


@transaction.atomic
def forget_infringement(*, actor: User | None, brand: Brand, market: str, listing_id: str) -> int:
    """Stop watching a listing that turned out not to be a counterfeit; return how many watches that stopped."""
    require(actor, PLAN_WATCHES, brand)
    _finds(brand, market, listing_id).filter(state__in=FIND.sources(FindState.FOUND)).update(state=FindState.FOUND)
    stopped = _stop(brand.watches.filter(market=market, kind=WatchKind.LISTING, term=listing_id))
    if stopped:
        detail = {"market": market, "listing_id": listing_id}
        record(actor=actor, verb="watches.forgotten", subject=brand, organisation=brand.organisation, detail=detail)
    return stopped


@transaction.atomic
def stop_seller(*, actor: User | None, brand: Brand, market: str, seller_id: str) -> int:
    """Stop watching a seller who has no counterfeit left to their name; return how many watches that stopped."""
    require(actor, PLAN_WATCHES, brand)
    stopped = _stop(brand.watches.filter(market=market, kind=WatchKind.SELLER, term=seller_id))
    if stopped:
        detail = {"market": market, "seller_id": seller_id}
        record(actor=actor, verb="watches.forgotten", subject=brand, organisation=brand.organisation, detail=detail)
    return stopped


def record_finds(*, market: str, found: Iterable[tuple[str, str]]) -> int:
    """Record which watches brought which listings; telling it again changes nothing. Returns how many are new.

    Every watch that shares the look found it, whatever brand it is for. A listing that the brand already knows for a
    counterfeit is credited at once.

    Args:
        market: whose.
        found: pairs of watch id and the listing's id on the market.
    """
    watches = list(Watch.objects.looked_for().filter(market=market))
    sharing = {str(watch.pk): members for members in grouped(watches).values() for watch in members}
    infringing = {(watch.brand_id, watch.term) for watch in watches if watch.kind == WatchKind.LISTING}
    before = Find.objects.filter(watch__market=market).count()
    pairs = iter(found)
    while batch := list(islice(pairs, BATCH)):
        rows = {
            (watch.pk, listing_id): Find(
                watch=watch,
                listing_id=listing_id[:200],
                state=FindState.INFRINGING if (watch.brand_id, listing_id) in infringing else FindState.FOUND,
            )
            for watch_id, listing_id in batch
            for watch in sharing.get(watch_id, ())
            if watch.kind != WatchKind.LISTING  # it was known before
        }
        Find.objects.bulk_create(rows.values(), ignore_conflicts=True)
    return Find.objects.filter(watch__market=market).count() - before


def learn(*, market: str, stats: RunStats) -> None:
    """Teach the watches of a market what a run that ended brought: which rest longer, which are looked at again.

    Called once per run, within the transaction that ends it. A crawl that gave no account of its watches teaches
    nothing.
    """
    if not stats.watches:
        return
    groups: dict[tuple[str, str, str], list[Watch]] = defaultdict(list)
    groups.update(grouped(Watch.objects.looked_for().filter(market=market)))
    changed: list[Watch] = []
    for members in groups.values():
        brought = [stats.watches[str(watch.pk)] for watch in members if str(watch.pk) in stats.watches]
        looked = [look for look in brought if look.pages]
        for watch in members:
            if looked:
                watch.barren = cadence.after_look(watch.barren, sum(look.new for look in looked))
                watch.waited = 0
                watch.looked_at = stats.finished_at
            else:
                watch.waited = min(watch.waited + 1, cadence.MOST)
            changed.append(watch)
    Watch.objects.bulk_update(changed, ["barren", "waited", "looked_at"], batch_size=BATCH)
    for before, after in ((WatchState.ACTIVE, WatchState.RESTING), (WatchState.RESTING, WatchState.ACTIVE)):
        moved = [watch.pk for watch in changed if cadence.state_after(watch.barren) == after]
        for start in range(0, len(moved), BATCH):  # conditional: one that was stopped meanwhile stays stopped
            Watch.objects.filter(pk__in=moved[start : start + BATCH], state=before).update(state=after)
