"""How the crawls fare, and when they run. What a market shows is nobody's secret; what is looked for there is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import NotAllowed
from contracts.errors import JikimiError
from contracts.market import manifests
from evidence.warc import read_record
from jobs import queries, services
from jobs.models import CrawlRun
from jobs.permissions import EDIT_SCHEDULES
from jobs.schedules import MOST_HOURS, Missed, Timing, time_zones

WATCHES_SHOWN = 100

View = Callable[..., HttpResponse]


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # login_required ran before
    return user


@require_safe
@login_required
def health(request: HttpRequest) -> HttpResponse:
    """Show how every market fares, worst first."""
    return render(request, "jobs/health.html", {"seen": queries.overview()})


@require_safe
@login_required
def market(request: HttpRequest, market: str) -> HttpResponse:
    """Show one market: how it fares, its runs, and the user's own watches on it."""
    if market not in manifests():
        raise Http404(market)
    seen = queries.overview(market=market)
    shown = {
        "manifest": manifests()[market],
        "item": seen.markets[0] if seen.markets else None,
        "runs": queries.runs_of(market),
        "watches": Paginator(queries.watches_of(user=request.user, market=market), WATCHES_SHOWN).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "jobs/market.html", shown)


@require_safe
@login_required
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one run: what it read, what it could not read, and where."""
    found = get_object_or_404(CrawlRun, pk=pk)
    return render(request, "jobs/run.html", {"page": queries.run_page(user=request.user, run=found)})


@require_safe
@login_required
def missing(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """Hand out the kept page on which a field was not read, as text: it is a stranger's and never shown as a page."""
    found = get_object_or_404(CrawlRun, pk=pk)
    page = found.stats.get("missing", {}).get(field)
    if page is None or not queries.may_see_pages_of(user=request.user, run=found).get(field):
        raise Http404(field)
    try:
        record = read_record(_inside(settings.EVIDENCE_DIR, page["warc"]), page["record_id"])
    except (OSError, JikimiError, ValueError):
        raise Http404(field) from None
    answer = HttpResponse(record.body, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="run-{found.pk}-{field}.html.txt"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Http404(name)
    return path


@require_safe
@login_required
def schedules(request: HttpRequest) -> HttpResponse:
    """Show when each market is crawled; who may edits it here."""
    shown = {
        "rows": queries.schedule_rows(),
        "may_edit": _user(request).has_perm(EDIT_SCHEDULES),
        "zones": sorted(zone for zone in time_zones() if "/" in zone and not zone.startswith("Etc/")),
        "missed": list(Missed),
        "most_hours": MOST_HOURS,
    }
    return render(request, "jobs/schedules.html", shown)


def step(view: View) -> View:
    """Turn a view into one that writes: logged in, POST only, a known market, 403 for what is not allowed."""

    @require_POST
    @login_required
    @wraps(view)
    def answer(request: HttpRequest, market: str) -> HttpResponseRedirect:
        if market not in manifests():
            raise Http404(market)
        try:
            view(request, market)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from None
        except JikimiError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Saved."))
        return redirect("jobs:schedules")

    return answer


@step
def set_schedule(request: HttpRequest, market: str) -> Any:
    """Schedule a market, or change its timing."""
    hours = request.POST.get("every_hours", "")
    timing = Timing(
        every_hours=int(hours) if hours.isascii() and hours.isdigit() and len(hours) < len(str(MOST_HOURS)) + 1 else 0,
        window="-".join(request.POST.get(name, "")[:5] for name in ("opens", "closes")),
        time_zone=request.POST.get("time_zone", "")[:60],
        missed=request.POST.get("missed", ""),  # type: ignore[arg-type]  # Timing says what is wrong with it
    )
    return services.set_schedule(actor=_user(request), market=market, timing=timing)


@step
def pause_schedule(request: HttpRequest, market: str) -> Any:
    """Start nothing by itself on a market."""
    return services.pause_schedule(actor=_user(request), market=market)


@step
def resume_schedule(request: HttpRequest, market: str) -> Any:
    """Take a paused schedule up again."""
    return services.resume_schedule(actor=_user(request), market=market)
