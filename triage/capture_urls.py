"""Addresses captures come in by."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from triage import capture_views

app_name = "captures"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", capture_views.receive, name="receive"),
    path("upload/", capture_views.upload, name="upload"),
]
