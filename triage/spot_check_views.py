"""The pages on which people look at what was not flagged, without being told what the matchers said of it."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import NotAllowed
from contracts.errors import JikimiError
from triage import keys, services
from triage.filters import QueueFilter
from triage.models import SpotCheck
from triage.permissions import DECIDE
from triage.queries import undoable_next
from triage.spot_check_queries import spot_check_page
from triage.states import SpotCheckState
from triage.views import pair_number, shown_picture, step, user_of


def _spot_check(request: HttpRequest, pk: int) -> SpotCheck:
    """Return a spot check of the user's organisations; only who decides may see it."""
    checks = SpotCheck.objects.for_user(request.user).select_related(
        "brand__organisation", "listing__seller", "capture"
    )
    check = cast("SpotCheck", get_object_or_404(checks, pk=pk))
    if not user_of(request).has_perm(DECIDE, check):
        raise PermissionDenied
    return check


@require_safe
@login_required
def following(request: HttpRequest) -> HttpResponse:
    """Go to the next spot check of the day, or say that there is none."""
    try:
        check = services.next_spot_check(actor=user_of(request))
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from None
    if check is not None:
        return redirect("triage:spot_check", check.pk)
    return render(request, "triage/spot_checks_done.html")


@require_safe
@login_required
def spot_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a match that was not flagged, to be judged without knowing its probability."""
    check = _spot_check(request, pk)
    if check.state != SpotCheckState.WAITING:
        return redirect("triage:flag", check.flag_id) if check.flag_id else redirect("triage:spot_checks")
    page = spot_check_page(user=user_of(request), check=check)
    number = pair_number(request, len(page.pairs))
    context = {
        "page": page,
        "flag": check,  # what the parts of the review page show
        "filters": QueueFilter(),
        "pair": page.pairs[number] if page.pairs else None,
        "pair_number": number + 1,
        "next_pair": (number + 1) % len(page.pairs) + 1 if page.pairs else 1,
        "previous_pair": (number - 1) % len(page.pairs) + 1 if page.pairs else 1,
        "keys": keys,
        "pictures": "triage:spot_check_picture",
        "undo_next": undoable_next(page.last_decisions),
    }
    return render(request, "triage/spot_check.html", context)


@step
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge a spot check and go to the next."""
    check = _spot_check(request, pk)
    try:
        verdict = services.judge_spot_check(
            actor=user_of(request),
            check=check,
            kind=request.POST.get("kind", ""),
            seen_fingerprint=request.POST.get("seen", ""),
            note=request.POST.get("note", ""),
        )
    except NotAllowed:
        raise
    except JikimiError as error:
        messages.error(request, str(error))
        return redirect("triage:spot_check", pk)
    messages.success(request, _("Decided: %(kind)s.") % {"kind": verdict.get_kind_display()})
    return redirect("triage:spot_checks")


@require_safe
@login_required
def picture(request: HttpRequest, pk: int, sha256: str, size: str = "") -> HttpResponse:
    """Show a picture of a spot check's listing to who may see the spot check."""
    return shown_picture(_spot_check(request, pk), sha256, size)
