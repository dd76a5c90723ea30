"""Pages that speak of the house as a whole."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from contracts.listing import AccessRung
from crawlers.coverage import SIGNS, Footing, coverage

FOOTING_LABELS = {
    Footing.REAL_PAGE: _("read right on a real page or answer"),
    Footing.SCHEMA: _("a page object for a published shape; no real page was at hand"),
    Footing.STRUCTURED: _("by the structured data any page may carry, and staff capture"),
}
RUNG_LABELS = {
    AccessRung.API: _("official API"),
    AccessRung.HTTP: _("plain pages"),
    AccessRung.BROWSER: _("browser"),
    AccessRung.CAPTURE: _("staff capture"),
    AccessRung.FEED: _("licensed feed"),
}


@login_required
@require_safe
def markets(request: HttpRequest) -> HttpResponse:
    """Show which marketplaces are covered and what that is proven on; the manifests are no tenant's."""
    rows = [
        {"of": row, "sign": SIGNS[row.footing], "rungs": [RUNG_LABELS[rung] for rung in row.access]}
        for row in coverage()
    ]
    legend = [
        (SIGNS[one], label, sum(row["of"].footing is one for row in rows)) for one, label in FOOTING_LABELS.items()
    ]
    return render(request, "jikimi/markets.html", {"rows": rows, "legend": legend})
