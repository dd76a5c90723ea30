"""What the pages of a notice show, made ready for the templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from accounts.models import User
from contracts.match import Ground
from takedown import queries, services
from takedown.filling import is_frozen
from takedown.findings import Code
from takedown.gate import check
from takedown.models import EventKind, Notice
from takedown.pdf import DOUBTFUL
from takedown.permissions import APPROVE, DRAFT, SUBMIT, WITHDRAW
from takedown.readiness import lacks
from takedown.states import PACKET, PacketState
from triage.models import Verdict

# Findings a new screenshot can put right.
_NEW_LOOK = frozenset({Code.NO_CAPTURE, Code.CAPTURE_OLD})


def needs_evidence(verdict: Verdict, ground: Ground) -> bool:
    """Tell whether nothing but a fresh screenshot stands between the verdict and a draft."""
    evidence = queries.latest_evidence(verdict)
    result = check(queries.gate_input(verdict, ground=ground, now=timezone.now(), evidence=evidence))
    blocking = {problem.code for problem in result.problems if problem.blocks}
    return bool(blocking) and blocking <= _NEW_LOOK


def changed(notice: Notice, form: Mapping[str, str]) -> Iterator[tuple[str, str, str | None]]:
    """Yield key, value and new Korean of the fields a form changed; Korean None: left as it was."""
    for key, drafted in notice.fields.items():
        value = _text(form, f"value-{key}", drafted["value"])
        korean = _text(form, f"ko-{key}", drafted["ko"])
        if value != drafted["value"] or korean != drafted["ko"]:
            yield key, value, korean if korean != drafted["ko"] else None


def _text(form: Mapping[str, str], name: str, kept: str) -> str:
    """Return what a form sent, as it will be stored; browsers send line ends as CR LF."""
    return form[name].replace("\r\n", "\n").strip() if name in form else kept


def notice_page(notice: Notice, user: User) -> dict[str, Any]:
    """Return everything the page of a notice shows."""
    profile = services.profile_of(notice)
    lacking = lacks(profile, notice.fields)
    draft = notice.state == PacketState.DRAFT
    rows = [
        {
            "field": field,
            "drafted": notice.fields[field.key],
            "label": field.label.get(notice.language, field.label["en"]),
            "doubtful": field.source is not None and field.source.confidence in DOUBTFUL,
            "frozen": not draft or is_frozen(field, notice.fields[field.key]),
            "length": len(notice.fields[field.key]["value"]),
            "lack": lacking[field.key].to_json() if field.key in lacking else None,
        }
        for field in profile.fields
    ]
    may = {
        "edit": draft and user.has_perm(DRAFT, notice),
        "submit": draft and user.has_perm(SUBMIT, notice),
        "approve": notice.state == PacketState.IN_REVIEW
        and notice.submitted_by_id != user.pk
        and user.has_perm(APPROVE, notice),
        "send_back": notice.state == PacketState.IN_REVIEW and user.has_perm(APPROVE, notice),
        "withdraw": PACKET.allows(notice.state, PacketState.WITHDRAWN) and user.has_perm(WITHDRAW, notice),
    }
    open_still = draft or notice.state == PacketState.IN_REVIEW
    return {
        "notice": notice,
        "profile": profile,
        "rows": rows,
        "items": notice.items.all(),
        "may": may,
        "missing": [sentence.to_json() for sentence in services.missing(notice)] if open_still else [],
        "events": notice.events.all(),
        "event_labels": dict(EventKind.choices),
    }
