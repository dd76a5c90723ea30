"""Pages of hunts: what was searched back for, how far that is, what it found, and a form to ask for more."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from registry.models import Brand, Mark, ReferenceImage
from triage import hunt_queries, services
from triage.hunting import hunt_brand
from triage.models import Hunt
from triage.views import step, user_of


@require_safe
@login_required
def hunts(request: HttpRequest) -> HttpResponse:
    """Show every hunt of the user's brands, newest first."""
    page = hunt_queries.hunts_page(user=user_of(request), page=request.GET.get("page"))
    return render(request, "triage/hunts.html", {"page": page})


@require_safe
@login_required
def hunt(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one hunt and the flags it raised."""
    page = hunt_queries.hunt_page(user=user_of(request), hunt=_hunt(request, pk))
    return render(request, "triage/hunt.html", {"page": page, "hunt": page.hunt})


@step
def ask(request: HttpRequest) -> HttpResponse:
    """Have a brand, a mark or a picture searched back for; ``what`` is ``brand:1``, ``mark:1`` or ``image:1``."""
    user = user_of(request)
    kind, _colon, number = request.POST.get("what", "").partition(":")
    pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0  # noqa: PLR2004 (64 bits)
    if kind == "brand":
        asked = hunt_brand(actor=user, brand=get_object_or_404(Brand.objects.for_user(user), pk=pk))
    elif kind == "mark":
        mark = get_object_or_404(Mark.objects.for_user(user).select_related("brand"), pk=pk)
        asked = services.queue_hunt(actor=user, brand=mark.brand, marks=[mark])
    elif kind == "image":
        image = get_object_or_404(ReferenceImage.objects.for_user(user).select_related("brand"), pk=pk)
        asked = services.queue_hunt(actor=user, brand=image.brand, images=[image])
    else:
        raise Http404(kind)
    if asked is None:
        messages.info(request, _("Nothing is registered under this brand yet."))
        return redirect("hunts:hunts")
    messages.success(request, _("The hunt waits for a worker. This page shows how far it is."))
    return redirect("hunts:hunt", asked.pk)


@step
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a hunt that stopped taken up again."""
    services.go_on_with_hunt(actor=user_of(request), hunt=_hunt(request, pk))
    messages.success(request, _("A worker takes it up where it stopped."))
    return redirect("hunts:hunt", pk)


def _hunt(request: HttpRequest, pk: int) -> Hunt:
    return get_object_or_404(Hunt.objects.for_user(request.user).select_related("brand__organisation"), pk=pk)
