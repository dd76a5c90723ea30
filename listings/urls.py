"""Addresses of the listings room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "listings"
urlpatterns: list[URLPattern | URLResolver] = []
