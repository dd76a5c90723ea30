"""Addresses of the jobs room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from jobs import views

app_name = "jobs"
urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", views.health, name="health"),
    path("markets/<slug:market>/", views.market, name="market"),
    path("runs/<int:pk>/", views.run, name="run"),
    path("runs/<int:pk>/missing/<slug:field>", views.missing, name="missing"),
    path("schedules/", views.schedules, name="schedules"),
    path("schedules/<slug:market>/set", views.set_schedule, name="set_schedule"),
    path("schedules/<slug:market>/pause", views.pause_schedule, name="pause_schedule"),
    path("schedules/<slug:market>/resume", views.resume_schedule, name="resume_schedule"),
]
