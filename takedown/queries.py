"""Reads of the takedown room, each with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, QuerySet

from accounts.models import User
from contracts.duty import duties
from contracts.listing import PageOutcome
from contracts.market import manifests
from contracts.match import AuthorisedShop, Ground
from contracts.rights import EU, RightStatus, RightType
from contracts.verdict import VerdictKind
from registry.models import Brand, Product, Right
from takedown.gate import GateCapture, GateInput, GateOutcome, GatePolicy, GatePower, GateRight
from takedown.models import EvidenceCapture, Notice, NoticeItem, Refusal
from takedown.states import LIVE_ITEM
from takedown.wording import family
from triage.models import Verdict
from triage.states import VerdictState

GENERIC_EU = "dsa-article-16"


def verdicts(user: User) -> QuerySet[Verdict]:
    """Return the verdicts a member may see, with what a draft reads."""
    return _with_parts(Verdict.objects.filter(flag__brand__in=Brand.objects.for_user(user)))


def _with_parts(found: QuerySet[Verdict]) -> QuerySet[Verdict]:
    return found.select_related("flag__listing__seller", "flag__brand__organisation", "capture", "by")


def whole(verdict: Verdict) -> Verdict:
    """Read a verdict anew with what a draft reads: one query."""
    return _with_parts(Verdict.objects.all()).get(pk=verdict.pk)


def own_ground(verdict: Verdict) -> Ground:
    """Return the ground a verdict speaks of: re-use of an image is copyright, everything else the trademark."""
    return Ground.COPYRIGHT_IMAGE if verdict.kind == VerdictKind.IMAGE_REUSE else Ground.COUNTERFEIT


def site_of(market: str, site: str) -> str:
    """Return the country of a listing's site: as seen, or the market's only one; empty when it cannot be told."""
    if site:
        return site
    manifest = manifests().get(market)
    return manifest.sites[0].country if manifest and len(manifest.sites) == 1 else ""


def profile_of(market: str, site: str) -> str:
    """Return the id of the duty profile of a market, the generic DSA form for any other EU site, else empty."""
    manifest = manifests().get(market)
    for name in (manifest.duty_profile if manifest else "", market):
        if name in duties():
            return name
    return GENERIC_EU if site in EU else ""


def seller_key(verdict: Verdict) -> str:
    """Return the seller's id on the market, or its name where the market shows none."""
    seller = verdict.flag.listing.seller
    return (seller.seller_id or seller.key) if seller else ""


def latest_evidence(verdict: Verdict) -> EvidenceCapture | None:
    """Return the newest look at the listing taken for this verdict."""
    return EvidenceCapture.objects.filter(verdict=verdict).first()


def gate_input(
    verdict: Verdict,
    *,
    ground: Ground,
    now: datetime,
    evidence: EvidenceCapture | None,
    apart_from: Notice | None = None,
) -> GateInput:
    """Collect what the gate decides on, in six queries. ``apart_from`` is the notice that is being checked again."""
    flag = verdict.flag
    brand, listing = flag.brand, flag.listing
    site = site_of(listing.market, listing.site)
    live = NoticeItem.objects.filter(listing=listing, state__in=LIVE_ITEM)
    if apart_from is not None:
        live = live.exclude(notice=apart_from)
    taken = set(live.values_list("right_id", flat=True))
    rights = brand.rights.all() if apart_from is None else brand.rights.filter(pk=apart_from.right_id)
    return GateInput(
        now=now,
        market=listing.market,
        site=site,
        ground=ground,
        verdict=VerdictKind(verdict.kind),
        verdict_stands=verdict.state == VerdictState.STANDING,
        notifier=brand.organisation.name,
        goods_class=goods_class(brand, flag.match),
        seller=seller_key(verdict),
        rights=tuple(_right(right, taken) for right in rights),
        powers=tuple(_power(power) for power in brand.powers_of_attorney.all()),
        authorised=tuple(_shop(shop) for shop in brand.authorised_sellers.filter(market=listing.market)),
        capture=_capture(evidence),
        photo_copied=photo_copied(flag.match),
        duty_profile=profile_of(listing.market, site),
        policy=GatePolicy(
            status_max_days=settings.RIGHT_STATUS_MAX_DAYS, capture_max_hours=settings.EVIDENCE_MAX_HOURS
        ),
    )


def _right(right: Right, taken: set[int]) -> GateRight:
    return GateRight(
        id=str(right.pk),
        type=RightType(right.type),
        office=right.office,
        number=right.number,
        owner=right.owner,
        status=RightStatus(right.status),
        classes=tuple(right.classes),
        designations=tuple(right.designations),
        registered_on=right.registered_on,
        expires_on=right.expires_on,
        status_checked_on=right.status_checked_on,
        certificate=bool(right.certificate_sha256),
        live_notice=right.pk in taken,
    )


def _power(power: Any) -> GatePower:
    return GatePower(
        id=str(power.pk),
        grantor=power.grantor,
        agent=power.agent,
        signed_on=power.signed_on,
        expires_on=power.expires_on,
        countries=tuple(power.countries),
        on_file=bool(power.file_sha256),
    )


def _shop(shop: Any) -> AuthorisedShop:
    return AuthorisedShop(
        market=shop.market, shop_id=shop.shop_id, territory=tuple(shop.territory), expires=shop.expires_on
    )


def _capture(evidence: EvidenceCapture | None) -> GateCapture | None:
    if evidence is None:
        return None
    return GateCapture(
        outcome=PageOutcome(evidence.outcome),
        at=evidence.at,
        screenshot=bool(evidence.screenshot_sha256),
        reason=evidence.reason,
    )


def photo_copied(match: Mapping[str, Any]) -> bool:
    """Tell whether a signal says that a registered photo itself was copied (`contracts.match.PictureRelation.COPY`)."""
    return any(family(signal["name"]) == "picture" for signal in match.get("signals", ()))


def goods_class(brand: Brand, match: Mapping[str, Any]) -> int | None:
    """Return the Nice class of the product the match compared with; else the one class all the brand's goods share."""
    priced, pictured = _compared(match, {"price"}), _compared(match, {"picture", "logo"})
    products: list[Product] = list(brand.products.all())
    pictures = brand.images.filter(product__isnull=False).values_list("pk", "sha256", "product_id")
    shown = {product for pk, sha256, product in pictures if {str(pk), sha256} & pictured}
    for product in products:
        if product.nice_class and (product.pk in shown or {str(product.pk), product.code} & priced):
            return product.nice_class
    classes = {product.nice_class for product in products}
    return classes.pop() if len(classes) == 1 else None


def _compared(match: Mapping[str, Any], families: set[str]) -> set[str]:
    """Return what the signals of these families were compared with: registry ids, which differ per kind of entry."""
    return {signal["compared_with"] for signal in match.get("signals", ()) if family(signal["name"]) in families}


def notices(user: User, state: str = "") -> QuerySet[Notice]:
    """Return the notices a member sees, newest first: two queries with their items."""
    found = Notice.objects.for_user(user).select_related("brand", "right", "created_by").prefetch_related("items")
    return found.filter(state=state) if state else found


def notice_page(user: User) -> QuerySet[Notice]:
    """Return notices with everything their page shows."""
    return (
        Notice.objects.for_user(user)
        .select_related("brand", "organisation", "right", "power", "created_by", "submitted_by", "approved_by")
        .prefetch_related("items__listing", "items__evidence", "items__verdict", "events__actor")
    )


def coverage(user: User) -> list[dict[str, Any]]:
    """Return where a right is missing: per brand, country, ground and class the listings found, most first."""
    brands = Brand.objects.for_user(user)
    found = (
        Refusal.objects.filter(outcome=GateOutcome.NO_ENFORCEABLE_RIGHT, brand__in=brands)
        .values("brand_id", "brand__name", "site", "ground", "goods_class")
        .annotate(
            listings=Count("listing", distinct=True), sellers=Count("listing__seller", distinct=True), last=Max("at")
        )
        .order_by("-listings", "brand__name", "site", "ground", "goods_class")
    )
    return list(found)
