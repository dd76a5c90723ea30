"""Addresses of the accounts room: logging in and out, one's tokens, the pool. An administrator makes accounts.

The names carry no namespace because allauth looks them up as ``account_login`` and so on.
"""

from __future__ import annotations

from allauth.account import views
from django.urls import URLPattern, URLResolver, path

from accounts import views as own

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("password/", views.password_change, name="account_change_password"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("pool/", own.pool, name="account_pool"),
    path("pool/<int:pk>", own.set_pool, name="account_set_pool"),
    path("tokens/", own.tokens, name="account_tokens"),
    path("tokens/<int:pk>/revoke", own.revoke_token, name="account_revoke_token"),
]
