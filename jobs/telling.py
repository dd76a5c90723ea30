"""Telling people that a market's health changed: a signed webhook, a mail. Each change is told once on each way.

The outbox delivers at least once; what was told is remembered on the change, so a second delivery tells only what the
first could not. A worker that dies between telling and remembering tells twice: ``Jikimi-Delivery`` is the same then.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from contracts.errors import BadInput, JikimiError
from contracts.market import manifests
from evidence.addresses import check_url, resolve
from jobs.models import HealthChange
from jobs.reasons import Reason
from jobs.services import mark_mailed, mark_posted
from jobs.templatetags.jobs_text import verdict as verdict_label

TIMEOUT_SECONDS = 10.0
TAKEN = range(200, 300)


class WebhookFailed(JikimiError):
    """The webhook could not be reached or did not take the message; the outbox tries again."""

    def __init__(self, address: str, why: str) -> None:
        self.address = address
        self.why = why
        super().__init__(address, why)

    def __str__(self) -> str:
        # The path of such an address is often a secret, and this text is kept.
        return f"webhook at {urlsplit(self.address).hostname}: {self.why}"


def message(change: HealthChange) -> dict[str, Any]:
    """Return what is posted: ids, verdicts, and the reasons as codes and in words of both languages."""
    reasons = [Reason.from_json(reason) for reason in change.reasons]
    return {
        "event": "market.health_changed",
        "id": change.pk,
        "market": change.market,
        "before": change.before or None,
        "after": change.after,
        "at": change.at.isoformat(),
        "run": change.run_id,
        "reasons": [{**reason.to_json(), "words": reason.sentence()} for reason in reasons],
    }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return ``sha256=...``: HMAC-SHA-256 over the timestamp, a dot and the body."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(change: HealthChange) -> None:
    """Post a change to the webhook unless there is none or it was posted.

    Raises:
        BadInput: a webhook is set without a secret to sign with.
        evidence.addresses.AddressRefused: its address is not on the public internet and was not allowed.
        WebhookFailed: it could not be reached, or answered other than 2xx; redirects are not followed.
    """
    address = settings.HEALTH_WEBHOOK
    if not address or change.posted_at is not None:
        return
    if not settings.HEALTH_SECRET:
        raise BadInput("settings", "JIKIMI_HEALTH_SECRET", "a secret to sign the webhook with", "")
    body = json.dumps(message(change), ensure_ascii=False).encode()
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "jikimi",
        "Jikimi-Delivery": str(change.pk),
        "Jikimi-Timestamp": timestamp,
        "Jikimi-Signature": signature(settings.HEALTH_SECRET, timestamp, body),
    }
    status = _send(address, body, headers)
    if status not in TAKEN:
        raise WebhookFailed(address, f"answered {status}")
    mark_posted(change=change)


def _send(address: str, body: bytes, headers: dict[str, str]) -> int:
    allowed = settings.FETCH_ALLOWED_PRIVATE
    host, port = check_url(address, allowed)
    parts = urlsplit(address)
    try:
        found = resolve(host, port, allowed)
        connection = _connect(parts.scheme, host, port, found[0])
        try:
            connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else "") or "/", body, headers)
            return int(connection.getresponse().status)
        finally:
            connection.close()
    except (OSError, HTTPException) as error:
        raise WebhookFailed(address, str(error) or type(error).__name__) from None


def _connect(scheme: str, host: str, port: int, ip_address: str) -> HTTPConnection:
    """Connect to the very address that was checked, under the name that was asked for."""
    reached = socket.create_connection((ip_address, port), timeout=TIMEOUT_SECONDS)
    if scheme == "https":
        connection: HTTPConnection = HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS)
        connection.sock = ssl.create_default_context().wrap_socket(reached, server_hostname=host)
    else:
        connection = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        connection.sock = reached
    return connection


def mail(change: HealthChange) -> None:
    """Mail a change, in the installation's language, unless nobody is to be told or it was mailed."""
    if not settings.HEALTH_MAIL_TO or change.mailed_at is not None:
        return
    manifest = manifests().get(change.market)
    with translation.override(settings.LANGUAGE_CODE):
        words = {
            "market": manifest.name if manifest else change.market,
            "before": verdict_label(change.before) if change.before else _("not yet known"),
            "after": verdict_label(change.after),
        }
        subject = _("%(market)s: %(after)s (before: %(before)s)") % words
        reasons = [f"- {Reason.from_json(reason)}" for reason in change.reasons]
        body = "\n".join([subject, "", *reasons, "", f"{change.at:%Y-%m-%d %H:%M} UTC"])
        send_mail(f"[jikimi] {subject}", body, None, settings.HEALTH_MAIL_TO)
    mark_mailed(change=change)
