"""Addresses of the takedown room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "takedown"
urlpatterns: list[URLPattern | URLResolver] = []
