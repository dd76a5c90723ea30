"""Pictures and evidence, shown only to members of the organisations they were found or registered for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.models import User
from listings.models import Listing
from listings.pictures import respond
from listings.states import OWN
from registry.models import ReferenceImage


@require_safe
@login_required
def picture(request: HttpRequest, pk: int, sha256: str, size: str = "") -> HttpResponse:
    """Show one picture or screenshot of a listing; a hash the listing does not have is not found."""
    listing = get_object_or_404(Listing.objects.for_user(request.user), pk=pk)
    if not listing.images.filter(sha256=sha256).exists() and not _took(request.user, listing, sha256):
        raise Http404(sha256)
    return respond(sha256, size)


def _took(user: User | AnonymousUser, listing: Listing, sha256: str) -> bool:
    """Tell whether a hash is that of a screenshot; those are taken by people and not shared in the pool."""
    own = listing.sightings.filter(organisation__memberships__user=user, source__in=OWN)
    return listing.captures.filter(screenshot_sha256=sha256).exists() and own.exists()


@require_safe
@login_required
def reference(request: HttpRequest, pk: int, size: str = "") -> HttpResponse:
    """Show a registered picture."""
    image = get_object_or_404(ReferenceImage.objects.for_user(request.user), pk=pk)
    return respond(image.sha256, size)
