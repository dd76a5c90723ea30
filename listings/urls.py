"""Addresses of the listings room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from listings import views

app_name = "listings"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/pictures/<slug:sha256>", views.picture, name="picture"),
    path("<int:pk>/pictures/<slug:sha256>/<slug:size>", views.picture, name="picture_sized"),
    path("references/<int:pk>", views.reference, name="reference"),
    path("references/<int:pk>/<slug:size>", views.reference, name="reference_sized"),
]
