"""A person's own access tokens, and whether their organisations take part in the pool. Logging in is allauth's."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries, services
from accounts.models import User
from accounts.permissions import NotAllowed
from accounts.tokens import DAYS
from contracts.errors import BadInput, ManyBadInputs

DAY_CHOICES = (30, DAYS, 365)


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # login_required ran before
    return user


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Show one's tokens; a post makes one, whose secret stands on this one answer and nowhere else."""
    user = _user(request)
    secret = ""
    if request.method == "POST":
        organisations = queries.may_capture_for(user)
        asked = request.POST.get("organisation", "")
        organisation = get_object_or_404(organisations, pk=int(asked[:9]) if asked.isdecimal() else 0)
        days = request.POST.get("days", "")
        try:
            _token, secret = services.create_token(
                actor=user,
                organisation=organisation,
                name=request.POST.get("name", ""),
                days=int(days[:9]) if days.isdecimal() else 0,
            )
        except ManyBadInputs:
            messages.error(request, _("Give the token a name of up to 80 characters."))
        except BadInput:
            messages.error(request, _("Choose how long the token is good for."))
    context = {
        "tokens": queries.tokens_of(user),
        "organisations": queries.may_capture_for(user),
        "secret": secret,
        "day_choices": DAY_CHOICES,
        "days": DAYS,
        "now": timezone.now(),
    }
    return render(request, "account/tokens.html", context)


@require_POST
@login_required
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's tokens."""
    user = _user(request)
    token = get_object_or_404(queries.tokens_of(user), pk=pk)
    try:
        services.revoke_token(actor=user, token=token)
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from None
    messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("account_tokens")


@never_cache
@require_safe
@login_required
def pool(request: HttpRequest) -> HttpResponse:
    """Tell what the pool is, and which of one's organisations take part."""
    return render(request, "account/pool.html", {"organisations": queries.pool_settings_of(_user(request))})


@require_POST
@login_required
def set_pool(request: HttpRequest, pk: int) -> HttpResponse:
    """Have one of one's organisations join or leave the pool."""
    user = _user(request)
    organisation = get_object_or_404(queries.organisations_of(user), pk=pk)
    asked = request.POST.get("pool")
    if asked not in {"join", "leave"}:
        return HttpResponseBadRequest()
    try:
        services.set_pool(actor=user, organisation=organisation, pool=asked == "join")
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from None
    if asked == "join":
        said = _("%(name)s takes part in the pool. What was found before is shared within minutes.")
    else:
        said = _("%(name)s shares nothing more. What was shared and not flagged is taken back within minutes.")
    messages.success(request, said % {"name": organisation.name})
    return redirect("account_pool")
