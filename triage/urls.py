"""Addresses of the triage room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from triage import report_views, spot_check_views, views

app_name = "triage"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.queue, name="queue"),
    path("report/", report_views.report, name="report"),
    path("report/weights/<int:pk>", report_views.decide_weights, name="decide_weights"),
    path("report/terms/<slug:organisation>", report_views.look_for_terms, name="look_for_terms"),
    path("report/terms/<int:pk>/decide", report_views.decide_term, name="decide_term"),
    path("spot-checks/", spot_check_views.following, name="spot_checks"),
    path("spot-checks/<int:pk>/", spot_check_views.spot_check, name="spot_check"),
    path("spot-checks/<int:pk>/judge", spot_check_views.judge, name="judge_spot_check"),
    path("spot-checks/<int:pk>/pictures/<slug:sha256>", spot_check_views.picture, name="spot_check_picture"),
    path(
        "spot-checks/<int:pk>/pictures/<slug:sha256>/<slug:size>",
        spot_check_views.picture,
        name="spot_check_picture_sized",
    ),
    path("review/", views.review, name="review"),
    path("flags/<int:pk>/", views.flag, name="flag"),
    path("flags/<int:pk>/decide", views.decide, name="decide"),
    path("flags/<int:pk>/skip", views.skip, name="skip"),
    path("flags/<int:pk>/snooze", views.snooze, name="snooze"),
    path("flags/<int:pk>/renew", views.renew, name="renew"),
    path("flags/<int:pk>/reopen", views.reopen, name="reopen"),
    path("flags/<int:pk>/pictures/<slug:sha256>", views.picture, name="picture"),
    path("flags/<int:pk>/pictures/<slug:sha256>/<slug:size>", views.picture, name="picture_sized"),
    path("verdicts/<int:pk>/undo", views.undo, name="undo"),
]
