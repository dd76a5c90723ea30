"""Where captures come in: from the extension by token, and as files people drop into a page."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import AccessToken, User
from accounts.permissions import NotAllowed
from accounts.queries import may_capture_for
from accounts.services import use_token
from accounts.tokens import BadToken, TooMany
from contracts.errors import BadInput
from contracts.market import manifests
from triage.capture_forms import read_capture
from triage.captures import Captures, ListingAnswer, PageAnswer, news_label, unread

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_SAID = 50  # listings of a page the extension is told of one by one
MOST_PAGES = 500  # pages read while somebody waits for the answer; `jikimi ingest` reads any number
LARGEST_UPLOAD = 256_000_000  # bytes of one file

BAD, UNAUTHORISED, FORBIDDEN, TOO_LARGE, TOO_MANY = 400, 401, 403, 413, 429


def _error(said: object, status: int, field: str = "") -> JsonResponse:
    answer = JsonResponse({"error": str(said), "field": field}, status=status)
    if status == UNAUTHORISED:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if status == TOO_MANY:
        answer.headers["Retry-After"] = "60"
    return answer


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> JsonResponse:
    """Take a capture from the extension and say what became of it; asked with GET, tell whose token it is.

    The bearer token alone counts. No cookie is looked at, so no other site can make a browser send anything here.
    """
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    try:
        token = use_token(secret=secret.strip() if scheme.lower() == "bearer" else "")
    except BadToken as error:
        return _error(error, UNAUTHORISED)
    except TooMany as error:
        return _error(error, TOO_MANY)
    if request.method == "GET":
        return JsonResponse(_owner(token))
    try:
        page = read_capture(request, token.user)
        answer = Captures(actor=token.user, organisation=token.organisation).take(page, where=page.url)
    except BadInput as error:
        too_large = error.field == "(body)" and str(error.got).isdecimal()
        return _error(error, TOO_LARGE if too_large else BAD, error.field)
    except NotAllowed as error:
        return _error(error, FORBIDDEN)
    return JsonResponse(_told(request, answer))


def _owner(token: AccessToken) -> dict[str, Any]:
    return {
        "user": token.user.get_username(),
        "organisation": token.organisation.name,
        "token": token.name,
        "expires_at": token.expires_at.isoformat(),
    }


def _told(request: HttpRequest, answer: PageAnswer) -> dict[str, Any]:
    return {
        "outcome": answer.outcome,
        "market": answer.market,
        "said": answer.said,
        "listings": [_listing(request, listing) for listing in answer.listings[:MOST_SAID]],
        "total": len(answer.listings),
        "flagged": answer.flagged,
        "problems": list(answer.problems),
    }


def _listing(request: HttpRequest, listing: ListingAnswer) -> dict[str, Any]:
    address = reverse("triage:flag", args=[listing.flag.pk]) if listing.flag else ""
    return {
        "title": listing.title,
        "news": listing.news,
        "news_said": news_label(listing.news),
        "standing": listing.standing,
        "said": listing.said,
        "why": listing.why,
        "address": request.build_absolute_uri(address) if address else "",
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Show where files can be dropped; a post takes them in and shows what became of each page."""
    user = request.user
    assert isinstance(user, User)  # login_required ran before
    organisations = may_capture_for(user)
    if not organisations:
        raise PermissionDenied(_("Only monitors and takedown officers take captures in."))
    answers: list[PageAnswer] = []
    if request.method == "POST":
        asked = request.POST.get("organisation", "")
        organisation = get_object_or_404(organisations, pk=int(asked[:9]) if asked.isdecimal() else 0)
        market = request.POST.get("market") or None
        files = request.FILES.getlist("files")
        if not files:
            messages.error(request, _("Choose at least one file."))
        elif market and market not in manifests():
            messages.error(request, _("There is no such marketplace."))
        else:
            captures = Captures(actor=user, organisation=organisation)
            answers = list(islice(_take(captures, files, market), MOST_PAGES + 1))
    if len(answers) > MOST_PAGES:
        del answers[MOST_PAGES:]
        said = _("Only the first %(pages)s pages were read. Use “jikimi ingest” for the rest.")
        messages.warning(request, said % {"pages": MOST_PAGES})
    context = {
        "organisations": organisations,
        "markets": sorted(manifests().values(), key=lambda manifest: manifest.name.casefold()),
        "answers": answers,
    }
    return render(request, "triage/captures.html", context)


def _take(captures: Captures, files: list[UploadedFile], market: str | None) -> Iterator[PageAnswer]:
    with tempfile.TemporaryDirectory(prefix="jikimi-upload-") as folder:
        for number, file in enumerate(files):
            path = Path(folder) / str(number)  # never the name a stranger gave
            name = file.name or path.name
            if file.size is None or file.size > LARGEST_UPLOAD:
                yield unread(name, BadInput(name, "(file)", f"at most {LARGEST_UPLOAD:,} bytes", file.size))
                continue
            with path.open("wb") as target:
                for piece in file.chunks():
                    target.write(piece)
            yield from captures.take_file(path, name=name, market=market)
            path.unlink()
