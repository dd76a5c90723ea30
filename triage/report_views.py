"""The page that tells how right the matchers are, and where an administrator decides about what was learned."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import Organisation, User
from accounts.permissions import NotAllowed
from contracts.errors import JikimiError
from triage import services
from triage.models import LearnedTerm, Weighting
from triage.report import NEWEST, report_page
from triage.states import TermState
from triage.views import step, user_of


def _use_house(*, actor: User, weighting: Weighting) -> None:
    services.use_house_weights(actor=actor, organisation=weighting.organisation)


# What a step does, and what is said when it is done.
STEPS: dict[str, tuple[Callable[..., object], Promise]] = {
    "use": (
        services.use_weighting,
        _("Done. Flags are judged by these weights when their listings are next matched."),
    ),
    "reject": (services.reject_weighting, _("Turned down. Flags are judged as before.")),
    "house": (
        _use_house,
        _("Done. Flags are judged by the house’s weights when their listings are next matched."),
    ),
}

TERM_STEPS: dict[str, tuple[TermState, Promise]] = {
    "use": (TermState.ACTIVE, _("Done. The words count when listings are next matched; a hunt looks back at once.")),
    "retire": (TermState.RETIRED, _("Done. The words count no more when listings are next matched.")),
    "reject": (TermState.REJECTED, _("Turned down. The words will not be proposed again.")),
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
    known = STEPS.get(request.POST.get("step", ""))
    if known is None:
        return HttpResponseBadRequest()
    take, done = known
    return _taken(request, lambda: take(actor=user, weighting=weighting), done)


@step
def look_for_terms(request: HttpRequest, organisation: str) -> HttpResponse:
    """Look for words that an organisation's counterfeits are titled with."""
    user = user_of(request)
    whose = get_object_or_404(Organisation.objects.filter(memberships__user=user).distinct(), slug=organisation)
    found = services.propose_terms(actor=user, organisation=whose)
    if found:
        messages.success(request, str(_("New words were found; they wait for your decision.")))
    else:
        messages.success(request, str(_("No new words stand out in the titles of decided counterfeits.")))
    return redirect("triage:report")


@step
def decide_term(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a phrase read from now on, no longer, or never."""
    user = user_of(request)
    rows = LearnedTerm.objects.filter(organisation__memberships__user=user).select_related("organisation").distinct()
    term = get_object_or_404(rows, pk=pk)
    known = TERM_STEPS.get(request.POST.get("step", ""))
    if known is None:
        return HttpResponseBadRequest()
    state, done = known
    return _taken(request, lambda: services.decide_term(actor=user, term=term, state=state), done)


def _taken(request: HttpRequest, take: Callable[[], object], done: Promise) -> HttpResponse:
    """Take a step and say that it is done, or why it cannot be."""
    try:
        take()
    except NotAllowed:
        raise
    except JikimiError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(done))
    return redirect("triage:report")
