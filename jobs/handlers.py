"""What the jobs room does when others publish: plan a changed brand anew, tell people how a market fares."""

from __future__ import annotations

from accounts.outbox import subscribe
from jobs import telling
from jobs.models import HealthChange
from jobs.services import replan_brand
from registry.models import Brand


@subscribe("registry.brand_changed")
def plan_changed_brand(*, brand_id: int) -> None:
    """Bring a brand's watches in line with what is registered now; a brand that is gone took its watches with it."""
    brand = Brand.objects.select_related("organisation").filter(pk=brand_id).first()
    if brand is not None:
        replan_brand(brand=brand)


@subscribe("jobs.health_changed")
def post_health(*, change_id: int) -> None:
    """Post a change of health to the webhook, once."""
    change = HealthChange.objects.filter(pk=change_id).first()
    if change is not None:
        telling.post(change)


@subscribe("jobs.health_changed")
def mail_health(*, change_id: int) -> None:
    """Mail a change of health, once."""
    change = HealthChange.objects.filter(pk=change_id).first()
    if change is not None:
        telling.mail(change)
