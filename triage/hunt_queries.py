"""What the pages of hunts show, each read with a fixed number of queries."""

from __future__ import annotations

import attrs
from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from accounts.models import User
from registry.models import Brand, Mark, ReferenceImage
from triage.models import Flag, Hunt
from triage.permissions import HUNTERS
from triage.states import HuntState

PAGE_SIZE = 25
FLAGS_SHOWN = 100
PICTURES_OFFERED = 200  # the newest, over all brands; older ones are hunted for with their brand, or by `jikimi hunt`


@attrs.frozen(kw_only=True)
class Offer:
    """What a user may have searched back for under one brand."""

    brand: Brand
    marks: list[Mark]
    pictures: list[ReferenceImage]


@attrs.frozen(kw_only=True)
class HuntsPage:
    """One page of hunts, newest first, and what else may be hunted for."""

    hunts: Page  # type: ignore[type-arg]
    offers: list[Offer]


@attrs.frozen(kw_only=True)
class HuntPage:
    """One hunt with what it raised, highest risk first. ``may_go_on``: nobody works on it."""

    hunt: Hunt
    flags: list[Flag]
    may_go_on: bool


def _hunts(user: User) -> QuerySet[Hunt]:
    return (
        Hunt.objects.for_user(user)
        .select_related("brand__organisation", "asked_by")
        .prefetch_related("targets")
        .annotate(flagged=Count("flags", distinct=True))
        .order_by("-id")
    )


def hunts_page(*, user: User, page: int | str | None = 1) -> HuntsPage:
    """Return one page of the user's hunts: six queries."""
    return HuntsPage(hunts=Paginator(_hunts(user), PAGE_SIZE).get_page(page), offers=offers(user))


def offers(user: User) -> list[Offer]:
    """Return what the user may hunt for, by brand: three queries."""
    roles = {"organisation__memberships__user": user, "organisation__memberships__role__in": HUNTERS}
    brands = list(
        Brand.objects.filter(**roles).distinct().prefetch_related(Prefetch("marks", Mark.objects.order_by("text")))
    )
    newest = ReferenceImage.objects.filter(brand__in=brands).order_by("-id")[:PICTURES_OFFERED]
    pictures: dict[int, list[ReferenceImage]] = {}
    for picture in newest:
        pictures.setdefault(picture.brand_id, []).append(picture)
    return [Offer(brand=brand, marks=list(brand.marks.all()), pictures=pictures.get(brand.pk, [])) for brand in brands]


def hunt_page(*, user: User, hunt: Hunt) -> HuntPage:
    """Return what one hunt's page shows; ``hunt`` came by ``for_user``. Four queries."""
    found = _hunts(user).get(pk=hunt.pk)
    flags = found.flags.select_related("listing").order_by("-probability", "id")[:FLAGS_SHOWN]
    may = user.memberships.filter(organisation=found.organisation, role__in=HUNTERS).exists()
    held = found.held_until is not None and found.held_until > timezone.now()
    return HuntPage(hunt=found, flags=list(flags), may_go_on=may and found.state != HuntState.DONE and not held)
