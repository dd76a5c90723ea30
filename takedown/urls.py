"""Addresses of the takedown room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from takedown import views

app_name = "takedown"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.notices, name="notices"),
    path("coverage/", views.coverage, name="coverage"),
    path("verdicts/<int:pk>/draft", views.draft, name="draft"),
    path("verdicts/<int:pk>/capture", views.capture, name="capture"),
    path("evidence/<int:pk>/screenshot", views.screenshot, name="screenshot"),
    path("evidence/<int:pk>/whole", views.screenshot_whole, name="screenshot_whole"),
    path("refusals/<int:pk>/", views.refusal, name="refusal"),
    path("notices/<uuid:pk>/", views.notice, name="notice"),
    path("notices/<uuid:pk>/pdf", views.pdf, name="pdf"),
    path("notices/<uuid:pk>/edit", views.edit, name="edit"),
    path("notices/<uuid:pk>/submit", views.submit, name="submit"),
    path("notices/<uuid:pk>/approve", views.approve, name="approve"),
    path("notices/<uuid:pk>/send-back", views.send_back, name="send_back"),
    path("notices/<uuid:pk>/withdraw", views.withdraw, name="withdraw"),
]
