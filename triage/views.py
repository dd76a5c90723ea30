"""The pages a monitor works in. Every step is a plain form post; htmx only spares the reload."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import NotAllowed
from contracts.errors import JikimiError
from listings.pictures import respond
from listings.queries import came_by_pool
from triage import keys, queries, services
from triage.filters import QueueFilter
from triage.models import SKIP_LABELS, Flag, SpotCheck, Verdict

SNOOZE_DAYS = (7, 1, 30)  # the first is what the key does

View = Callable[..., HttpResponse]


def user_of(request: HttpRequest) -> User:
    """Return who asks; only for views that `login_required` guards."""
    user = request.user
    assert isinstance(user, User)  # login_required ran before
    return user


def _flag(request: HttpRequest, pk: int) -> Flag:
    flags = Flag.objects.for_user(request.user).select_related("brand__organisation")
    return get_object_or_404(flags, pk=pk)


def _flag_address(flag: Flag, filters: QueueFilter) -> str:
    query = filters.query()
    return reverse("triage:flag", args=(flag.pk,)) + (f"?{query}" if query else "")


def _queue_address(filters: QueueFilter) -> str:
    query = filters.query()
    return reverse("triage:queue") + (f"?{query}" if query else "")


def step(view: View) -> View:
    """Turn a view that writes into one that logs in first, takes POST only and words its errors.

    What is not allowed is answered with 403; any other refusal of a service is shown on the flag's page.
    """

    @require_POST
    @login_required
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from None

    return answer


def _refused(request: HttpRequest, error: JikimiError, flag: Flag) -> HttpResponseRedirect:
    if isinstance(error, NotAllowed):
        raise error
    messages.error(request, str(error))
    return redirect(_flag_address(flag, QueueFilter.from_query(request.GET)))


def _next(request: HttpRequest) -> HttpResponseRedirect:
    filters = QueueFilter.from_query(request.GET)
    flag = services.lease_next(actor=user_of(request), filters=filters)
    if flag is None:
        messages.info(request, _("Nothing is left for you here. Well done."))
        return redirect(_queue_address(filters))
    return redirect(_flag_address(flag, filters))


@require_safe
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """Show the queue, highest risk first."""
    filters = QueueFilter.from_query(request.GET)
    page = queries.queue_page(user=user_of(request), filters=filters, page=request.GET.get("page", 1))
    context = {"page": page, "filters": filters, "keys": keys, "spot_checks": settings.SPOT_CHECKS_A_DAY > 0}
    return render(request, "triage/queue.html", context)


@require_safe
@login_required
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one flag with everything needed to decide it. Looking takes no lease."""
    filters = QueueFilter.from_query(request.GET)
    page = queries.flag_page(user=user_of(request), flag=_flag(request, pk), filters=filters)
    number = pair_number(request, len(page.pairs))
    context = {
        "page": page,
        "flag": page.flag,
        "filters": filters,
        "pair": page.pairs[number] if page.pairs else None,
        "pair_number": number + 1,
        "next_pair": (number + 1) % len(page.pairs) + 1 if page.pairs else 1,
        "previous_pair": (number - 1) % len(page.pairs) + 1 if page.pairs else 1,
        "keys": keys,
        "pictures": "triage:picture",
        "skip_reasons": SKIP_LABELS.items(),
        "snooze_days": SNOOZE_DAYS,
        "threshold": settings.QUEUE_THRESHOLD,
        "undo_next": queries.undoable_next(page.last_decisions),
    }
    return render(request, "triage/flag.html", context)


def pair_number(request: HttpRequest, count: int) -> int:
    """Return which of ``count`` pairs of pictures the address asks for, from 0; the first when it asks nonsense."""
    asked = request.GET.get("pair", "1")
    number = int(asked) - 1 if asked.isascii() and asked.isdigit() else 0
    return number if 0 <= number < count else 0


@step
def review(request: HttpRequest) -> HttpResponse:
    """Start reviewing: hand out the riskiest flag."""
    return _next(request)


@step
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide a flag, taking its lease first when it is free, and go to the next."""
    flag, user = _flag(request, pk), user_of(request)
    try:
        held = services.lease(actor=user, flag=flag)
        verdict = services.decide(
            actor=user,
            flag=held,
            kind=request.POST.get("kind", ""),
            seen_fingerprint=request.POST.get("seen", ""),
            reason=request.POST.get("reason") or None,
            note=request.POST.get("note", ""),
        )
    except JikimiError as error:
        return _refused(request, error, flag)
    messages.success(request, _("Decided: %(kind)s.") % {"kind": verdict.get_kind_display()})
    return _next(request)


@step
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass a flag on to others and go to the next."""
    flag, user = _flag(request, pk), user_of(request)
    try:
        held = services.lease(actor=user, flag=flag)
        services.release(actor=user, flag=held, reason=request.POST.get("reason", ""))
    except JikimiError as error:
        return _refused(request, error, flag)
    messages.info(request, _("Skipped. It waits for others in the queue."))
    return _next(request)


@step
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a flag away for some days, or until its listing changes, and go to the next."""
    flag, user = _flag(request, pk), user_of(request)
    asked = request.POST.get("days", "")
    days = int(asked) if asked in {str(choice) for choice in SNOOZE_DAYS} else SNOOZE_DAYS[0]
    try:
        held = services.lease(actor=user, flag=flag)
        services.snooze(actor=user, flag=held, until=timezone.now() + timedelta(days=days))
    except JikimiError as error:
        return _refused(request, error, flag)
    messages.info(request, _("Snoozed. It comes back by itself, sooner if the listing changes."))
    return _next(request)


@step
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold a flag ten minutes longer; asked for by the page itself while its reader is active."""
    flag = _flag(request, pk)
    try:
        services.renew(actor=user_of(request), flag=flag)
    except NotAllowed:
        raise
    except JikimiError as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@step
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a decided flag back into the queue and hand it to who asked."""
    flag, user = _flag(request, pk), user_of(request)
    try:
        services.reopen(actor=user, flag=flag)
        services.lease(actor=user, flag=flag)
    except JikimiError as error:
        return _refused(request, error, flag)
    return redirect(_flag_address(flag, QueueFilter.from_query(request.GET)))


@step
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a verdict and show its flag again."""
    verdicts = Verdict.objects.filter(flag__in=Flag.objects.for_user(request.user))
    verdict = get_object_or_404(verdicts.select_related("flag__brand__organisation"), pk=pk)
    try:
        services.undo(actor=user_of(request), verdict=verdict)
    except JikimiError as error:
        return _refused(request, error, verdict.flag)
    messages.success(request, _("Undone. The flag is yours again."))
    return redirect(_flag_address(verdict.flag, QueueFilter.from_query(request.GET)))


@require_safe
@login_required
def picture(request: HttpRequest, pk: int, sha256: str, size: str = "") -> HttpResponse:
    """Show a picture of a flag's listing to those who may see the flag; what people of the pool saw is theirs."""
    flag = _flag(request, pk)
    return shown_picture(flag, sha256, size)


def shown_picture(shown: Flag | SpotCheck, sha256: str, size: str) -> HttpResponse:
    """Return a picture of a listing, or of its page as the organisation's own saw it, that is before a person."""
    known = shown.listing.images.filter(sha256=sha256).exists()
    if not known and (
        shown.capture.screenshot_sha256 != sha256 or came_by_pool(shown.listing, shown.brand.organisation)
    ):
        raise Http404(sha256)
    return respond(sha256, size)
