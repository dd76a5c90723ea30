"""Every address of the web interface; each room keeps its own."""

from __future__ import annotations

from django.urls import include, path

from jikimi import views

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("captures/", include("triage.capture_urls")),
    path("hunts/", include("triage.hunt_urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("jobs/", include("jobs.urls")),
    path("listings/", include("listings.urls")),
    path("markets/", views.markets, name="markets"),
    path("takedown/", include("takedown.urls")),
    path("", include("triage.urls")),
]
