"""Addresses of hunts."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from triage import hunt_views

app_name = "hunts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", hunt_views.hunts, name="hunts"),
    path("ask", hunt_views.ask, name="ask"),
    path("<int:pk>/", hunt_views.hunt, name="hunt"),
    path("<int:pk>/go-on", hunt_views.go_on, name="go_on"),
]
