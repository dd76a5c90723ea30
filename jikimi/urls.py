"""Every address of the web interface; each room keeps its own."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("jobs/", include("jobs.urls")),
    path("listings/", include("listings.urls")),
    path("takedown/", include("takedown.urls")),
    path("", include("triage.urls")),
]
