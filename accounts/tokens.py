"""The secrets of personal access tokens: how they are made, how they are recognised, how often they may be used."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.utils.translation import gettext as _

from contracts.errors import JikimiError

PREFIX = "jkm_"  # so that scanners for leaked secrets recognise one
SECRET_BYTES = 32
HINT_CHARACTERS = 4
DAYS = 90
MOST_DAYS = 365
WINDOW = timedelta(minutes=1)
USES = 60  # within the window: a person captures one page after another, a program gone wild does not


class BadToken(JikimiError):
    """No token that may be used; the same answer for unknown, revoked and expired ones."""

    def __str__(self) -> str:
        return _("This token is not known, has been revoked or has expired.")


class TooMany(JikimiError):
    """The token was used too often within a minute."""

    def __str__(self) -> str:
        return _("More than %(uses)s captures within a minute. Wait a little.") % {"uses": USES}


def new_secret() -> str:
    """Return a secret of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """Return what is kept of a secret. It is random, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def fits(secret: str, sha256: str) -> bool:
    """Tell in constant time whether a secret has this SHA-256."""
    return hmac.compare_digest(digest(secret), sha256)
