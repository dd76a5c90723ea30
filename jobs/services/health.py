"""What is told of a market's health: one change at a time, each told once."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.services import publish
from contracts.market import manifests
from jobs.models import HealthChange
from jobs.queries import MarketHealth, overview
from jobs.verdicts import Verdict


def note_health(*, market: str | None = None) -> list[HealthChange]:
    """Look how markets fare (or one) and publish ``jobs.health_changed`` for each verdict that became another one.

    A market nobody meant to crawl, and the first look at a healthy one, are no news.

    Returns:
        The changes.
    """
    if market is not None and market not in manifests():
        return []
    newest = HealthChange.objects.order_by().values("market").annotate(newest=Max("pk")).values("newest")
    last = {change.market: change for change in HealthChange.objects.filter(pk__in=newest)}
    changes = [
        _note(fares, last.get(fares.manifest.id)) for fares in overview(market=market).markets if fares.is_watched
    ]
    return [change for change in changes if change is not None]


def _note(fares: MarketHealth, last: HealthChange | None) -> HealthChange | None:
    verdict = fares.assessment.verdict
    before = last.after if last else ""
    if verdict == before or (last is None and (verdict == Verdict.HEALTHY or fares.last is None)):
        return None
    try:
        with transaction.atomic():
            change = HealthChange.objects.create(
                market=fares.manifest.id,
                number=last.number + 1 if last else 1,
                before=before,
                after=verdict,
                reasons=[reason.to_json() for reason in fares.assessment.reasons],
                run_id=fares.last.pk if fares.last else None,
            )
            publish("jobs.health_changed", change_id=change.pk)
    except IntegrityError:
        return None  # somebody else saw the same and told it
    return change


def mark_posted(*, change: HealthChange) -> None:
    """Remember that the webhook took a change."""
    HealthChange.objects.filter(pk=change.pk, posted_at=None).update(posted_at=timezone.now())


def mark_mailed(*, change: HealthChange) -> None:
    """Remember that a change was mailed."""
    HealthChange.objects.filter(pk=change.pk, mailed_at=None).update(mailed_at=timezone.now())
