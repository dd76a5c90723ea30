"""What a draft still lacks before it can go to review. Pure functions on the form as drafted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.duty import DutyProfile, NoticeField
from contracts.match import Sentence
from takedown.wording import open_places


def lacks(profile: DutyProfile, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Sentence]:
    """Return by field key what is missing: required and empty, still an open place, or longer than the form takes."""
    found = {field.key: _lack(field, str(fields[field.key]["value"])) for field in profile.fields}
    return {key: sentence for key, sentence in found.items() if sentence}


def _lack(field: NoticeField, value: str) -> Sentence | None:
    label, korean = field.label["en"], field.label.get("ko", field.label["en"])
    if field.required and not value.strip():
        return Sentence(en=f"{label}: is missing.", ko=f"{korean}: 값이 없습니다.")
    places = open_places(value)
    if places:
        return Sentence(en=f"{label}: still to be written: {places[0]}", ko=f"{korean}: 작성할 부분: {places[0]}")
    if field.max_length and len(value) > field.max_length:
        count = f"{len(value):,} / {field.max_length:,}"
        return Sentence(en=f"{label}: too long ({count}).", ko=f"{korean}: 너무 깁니다({count}).")
    return None
