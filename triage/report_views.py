"""The page that tells how right the matchers are, and where an administrator puts learned weights to use."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import NotAllowed
from contracts.errors import JikimiError
from triage import services
from triage.models import Weighting
from triage.report import NEWEST, report_page
from triage.views import step, user_of

STEPS = {
    "use": services.use_weighting,
    "reject": services.reject_weighting,
}


@require_safe
@login_required
def report(request: HttpRequest) -> HttpResponse:
    """Show calibration and precision on the user's organisations' verdicts."""
    page = report_page(user=user_of(request), threshold=settings.QUEUE_THRESHOLD)
    return render(request, "triage/report.html", {"page": page, "newest": NEWEST})


@step
def decide_weights(request: HttpRequest, pk: int) -> HttpResponse:
    """Put learned weights to use, turn a proposal down, or go back to the house's."""
    user = user_of(request)
    rows = Weighting.objects.filter(organisation__memberships__user=user).select_related("organisation").distinct()
    weighting = get_object_or_404(rows, pk=pk)
    asked = request.POST.get("step", "")
    try:
        if asked in STEPS:
            STEPS[asked](actor=user, weighting=weighting)
        else:
            services.use_house_weights(actor=user, organisation=weighting.organisation)
    except NotAllowed:
        raise
    except JikimiError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Done. Flags are judged by it when their listings are next matched."))
    return redirect("triage:report")
