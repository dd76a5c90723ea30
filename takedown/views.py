"""The pages of a takedown officer. Every step is a plain form post; nothing leaves the house from here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import NotAllowed
from contracts.duty import duties
from contracts.errors import JikimiError
from contracts.match import Ground
from evidence.pictures import BadPicture
from evidence.store import DamagedContent, NoSuchContent, Store
from registry.models import Brand
from takedown import pages, queries, services
from takedown.errors import NotReady
from takedown.gate import check
from takedown.models import PACKET_LABELS, EvidenceCapture, Notice, Refusal
from takedown.pdf import top_of
from takedown.permissions import DRAFT
from takedown.states import PacketState
from triage.models import Verdict

PAGE = 50

View = Callable[..., HttpResponse]


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # login_required ran before
    return user


def _verdict(request: HttpRequest, pk: int) -> Verdict:
    return get_object_or_404(queries.verdicts(_user(request)), pk=pk)


def _notice(request: HttpRequest, pk: UUID) -> Notice:
    return get_object_or_404(queries.notice_page(_user(request)), pk=pk)


def step(view: View) -> View:
    """Turn a view into one that writes: logged in, POST only, 403 for what is not allowed."""

    @require_POST
    @login_required
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from None

    return answer


def _notice_step(request: HttpRequest, pk: UUID, act: Callable[[Notice], object], done: str) -> HttpResponseRedirect:
    """Do one step of a notice and say how it went on its page."""
    notice = _notice(request, pk)
    try:
        act(notice)
    except NotReady:
        messages.error(request, _("Not yet: see what is missing."))
    except NotAllowed:
        raise
    except JikimiError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("takedown:notice", pk=pk)


@require_safe
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """List the notices, newest first."""
    state = request.GET.get("state", "")
    state = state if state in set(PacketState) else ""
    page = Paginator(queries.notices(_user(request), state), PAGE).get_page(request.GET.get("page"))
    return render(request, "takedown/notices.html", {"page": page, "state": state, "states": PACKET_LABELS.items()})


@require_safe
@login_required
def coverage(request: HttpRequest) -> HttpResponse:
    """Show where copies were found that no registered right reaches: where to register next."""
    return render(request, "takedown/coverage.html", {"rows": queries.coverage(_user(request))})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a draft needs and where personal data would go; on POST take the evidence if need be, and draft."""
    verdict = _verdict(request, pk)
    if request.method == "POST":
        return _make_draft(request, verdict)
    evidence = queries.latest_evidence(verdict)
    ground = queries.own_ground(verdict)
    given = queries.gate_input(verdict, ground=ground, now=timezone.now(), evidence=evidence)
    result = check(given)
    context = {
        "verdict": verdict,
        "listing": verdict.flag.listing,
        "evidence": evidence,
        "profile": duties().get(given.duty_profile),
        "result": result,
        "findings": [problem.to_json() for problem in result.problems],
        "live": verdict.notice_items.select_related("notice").order_by("-id").first(),
        "may_draft": _user(request).has_perm(DRAFT, verdict),
    }
    return render(request, "takedown/draft.html", context)


def _make_draft(request: HttpRequest, verdict: Verdict) -> HttpResponse:
    actor = _user(request)
    asked = request.POST.get("ground", "")
    ground = Ground(asked) if asked in set(Ground) else queries.own_ground(verdict)
    try:
        if pages.needs_evidence(verdict, ground):
            services.capture_evidence(actor=actor, verdict=verdict)
        made = services.draft_notice(actor=actor, verdict=verdict, ground=ground)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from None
    except JikimiError as error:
        messages.error(request, str(error))
        return redirect("takedown:draft", pk=verdict.pk)
    if isinstance(made, Refusal):
        return redirect("takedown:refusal", pk=made.pk)
    return redirect("takedown:notice", pk=made.pk)


@step
def capture(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a new evidence screenshot."""
    verdict = _verdict(request, pk)
    try:
        services.capture_evidence(actor=_user(request), verdict=verdict)
    except NotAllowed:
        raise
    except JikimiError as error:
        messages.error(request, str(error))
    return redirect("takedown:draft", pk=pk)


def _evidence(request: HttpRequest, pk: int) -> EvidenceCapture:
    brands = Brand.objects.for_user(_user(request))
    return get_object_or_404(EvidenceCapture, pk=pk, verdict__flag__brand__in=brands)


def _stored(sha256: str) -> bytes:
    try:
        return Store(settings.EVIDENCE_DIR).get(sha256)
    except (NoSuchContent, DamagedContent) as error:
        raise Http404(str(error)) from None


def _file(data: bytes, media_type: str, *, name: str = "") -> HttpResponse:
    answer = HttpResponse(data, content_type=media_type)
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'"
    if name:
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_safe
@login_required
def screenshot(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the top of an evidence screenshot, drawn anew."""
    found = _evidence(request, pk)
    try:
        return _file(top_of(_stored(found.screenshot_sha256)), "image/jpeg")
    except BadPicture as error:
        raise Http404(str(error)) from None


@require_safe
@login_required
def screenshot_whole(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the evidence screenshot itself, byte for byte."""
    found = _evidence(request, pk)
    return _file(_stored(found.screenshot_sha256), "image/png", name=f"{found.screenshot_sha256}.png")


@require_safe
@login_required
def refusal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show why the rights gate turned a draft away, and what can be done."""
    found = Refusal.objects.for_user(request.user).select_related("brand", "listing", "verdict")
    return render(request, "takedown/refusal.html", {"refusal": get_object_or_404(found, pk=pk)})


@require_safe
@login_required
def notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a notice in the platform's own fields, with what it rests on and what is missing."""
    return render(request, "takedown/notice.html", pages.notice_page(_notice(request, pk), _user(request)))


@require_safe
@login_required
def pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the notice as PDF: the kept bytes, printed anew only when the notice has changed."""
    found = _notice(request, pk)
    try:
        data = _stored(services.write_pdf(actor=_user(request), notice=found))
    except (NoSuchContent, DamagedContent, BadPicture) as error:
        raise Http404(str(error)) from None
    return _file(data, "application/pdf", name=f"notice-{str(found.pk)[:8]}.pdf")


@step
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save every field of the form that was changed."""

    def save(found: Notice) -> None:
        for key, value, korean in pages.changed(found, request.POST):
            services.update_field(actor=_user(request), notice=found, key=key, value=value, korean=korean)

    return _notice_step(request, pk, save, _("Saved."))


@step
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand the draft to a second person."""
    done = _("Submitted. A second person must approve it.")
    return _notice_step(request, pk, lambda found: services.submit_for_review(actor=_user(request), notice=found), done)


@step
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve a notice under review."""
    done = _("Approved. This version sends nothing.")
    return _notice_step(request, pk, lambda found: services.approve(actor=_user(request), notice=found), done)


@step
def send_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return a notice under review to its draft."""
    reason = request.POST.get("reason", "")
    act = lambda found: services.send_back(actor=_user(request), notice=found, reason=reason)  # noqa: E731 (one use, two lines)
    return _notice_step(request, pk, act, _("Sent back for changes."))


@step
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw a notice."""
    reason = request.POST.get("reason", "")
    act = lambda found: services.withdraw(actor=_user(request), notice=found, reason=reason)  # noqa: E731 (one use, two lines)
    return _notice_step(request, pk, act, _("Withdrawn."))
