"""What a notice freezes: right, power, notifier, listing and evidence as plain JSON, and a digest of the whole."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import Organisation
from registry.models import PowerOfAttorney, Right
from takedown.models import EvidenceCapture, Notice
from triage.models import Verdict


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return plain


def right(found: Right) -> dict[str, Any]:
    """Freeze a right as the certificate has it. ``jurisdiction`` is the office, for Madrid with its designations."""
    names = ("type", "office", "number", "classes", "goods", "owner", "filed_on", "registered_on", "expires_on",
             "designations", "status", "status_checked_on", "certificate_sha256", "certificate_name")  # fmt: skip
    granted = ", ".join(found.designations)
    return _plain(
        {
            **{name: getattr(found, name) for name in names},
            "mark": found.mark.text if found.mark else "",
            "jurisdiction": f"{found.office} ({granted})" if granted else found.office,
        }
    )


def power(found: PowerOfAttorney | None) -> dict[str, Any] | None:
    """Freeze a power of attorney; None where the owner signs."""
    if found is None:
        return None
    names = ("grantor", "agent", "countries", "signed_on", "expires_on", "file_sha256", "file_name")
    return _plain({name: getattr(found, name) for name in names})


def notifier(organisation: Organisation, power_of_attorney: PowerOfAttorney | None) -> dict[str, str]:
    """Freeze who notifies: the organisation, as owner or as agent."""
    return {
        "role": "agent" if power_of_attorney else "owner",
        "name": organisation.name,
        "address": organisation.address,
        "email": organisation.email,
        "phone": organisation.phone,
    }


def item(verdict: Verdict, evidence: EvidenceCapture) -> dict[str, Any]:
    """Freeze a listing with the evidence that shows it. Times are UTC."""
    listing = verdict.flag.listing
    shot = evidence.screenshot_sha256
    return _plain(
        {
            "market": listing.market,
            "site": listing.site,
            "listing_id": listing.listing_id,
            "url": listing.url,
            "title": listing.title,
            "price": listing.price,
            "currency": listing.currency,
            "seller": (listing.seller.name or listing.seller.key) if listing.seller else "",
            "seller_id": listing.seller.seller_id if listing.seller else "",
            "observed_at": f"{evidence.at:%Y-%m-%d %H:%M} UTC",
            "screenshot": f"{shot[:12]}.png (SHA-256 {shot})",
            "screenshot_sha256": shot,
            "body_sha256": evidence.body_sha256,
            "final_url": evidence.final_url,
            "status": evidence.status,
            "vantage": evidence.vantage,
            "browser": evidence.browser,
            "capture_sha256": verdict.capture.body_sha256,
            "verdict": {"kind": verdict.kind, "reason": verdict.reason, "at": verdict.at},
        }
    )


def digest(notice: Notice) -> str:
    """Return a SHA-256 over all that the printed notice shows."""
    names = ("profile", "instrument", "escalation", "law", "ground", "language", "state", "right_snapshot",
             "power_snapshot", "fields", "statements", "findings")  # fmt: skip
    shown = {name: getattr(notice, name) for name in names}
    shown["items"] = [found.snapshot for found in notice.items.all()]
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
