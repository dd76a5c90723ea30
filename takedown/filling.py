"""Filling a platform's form from a case: every ``fill`` a duty profile may name, and the words of the claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
from babel.numbers import format_decimal

from contracts.duty import DutyProfile, NoticeField, Statement
from contracts.match import Ground
from contracts.rights import RightType
from takedown.wording import KOREAN, Texts, family, texts
from triage.highlight import plain

LONGEST_TITLE = 120  # in the narrative; several platforms stop at 1,000 characters in all
LONGEST_FIELD = 300
MOST_REASONS = 3
# What the register or the listing says; a person may complete it, never word it otherwise.
FROZEN = ("right.", "item.", "power.", "evidence.")

Value = dict[str, Any]


@attrs.frozen(kw_only=True)
class Case:
    """Everything a form may be filled with: JSON-ready snapshots, and the match the verdict rests on."""

    ground: Ground
    brand: str
    website: str
    notifier: Mapping[str, str]
    right: Mapping[str, Any]
    power: Mapping[str, Any] | None
    item: Mapping[str, Any]
    match: Mapping[str, Any]


def fill_form(profile: DutyProfile, case: Case, language: Texts) -> dict[str, Value]:
    """Return the form as drafted: key -> ``value`` in the platform's language, ``ko`` beside it where it differs."""
    return {field.key: _field(field, case, language) for field in profile.fields}


def _field(field: NoticeField, case: Case, language: Texts) -> Value:
    if not field.fill:
        return {"value": "", "ko": "", "edited": False}
    write = FILLS[field.fill]
    value, korean = write(case, language), write(case, texts()[KOREAN])
    return {"value": value, "ko": "" if korean == value else korean, "edited": False}


def is_frozen(field: NoticeField, drafted: Value) -> bool:
    """Tell whether a person may not change the field: it came from the register or the listing and is not empty."""
    return field.fill.startswith(FROZEN) and bool(drafted["value"]) and not drafted["edited"]


def fill_statements(keys: tuple[Statement, ...], language: Texts) -> list[dict[str, str]]:
    """Return the declarations the signer would make, each once."""
    korean = texts()[KOREAN].statements
    return [{"key": key.value, "text": language.statements[key], "ko": korean[key]} for key in dict.fromkeys(keys)]


def clip(text: str, longest: int) -> str:
    """Make a stranger's text safe to read and cut it at ``longest`` characters."""
    text = " ".join(plain(text).split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def narrative(case: Case, language: Texts) -> str:
    """Write the claim. Counterfeit wording only on that ground; what cannot be worded is left open between ###."""
    words = {
        "brand": case.brand,
        "classes": ", ".join(map(str, case.right["classes"])) or "-",
        "mark": case.right["mark"] or case.brand,
        "observed": case.item["observed_at"],
        "owner": case.right["owner"],
        "reasons": reasons(case, language) or f"### {language.describe} ###",
        "right": " ".join(filter(None, (case.right["office"], case.right["number"]))),
        "seller": clip(case.item["seller"], LONGEST_TITLE),
        "title": clip(case.item["title"], LONGEST_TITLE),
    }
    return language.fill(language.narrative[case.ground], words).strip()


def reasons(case: Case, language: Texts) -> str:
    """Word the strongest signals that speak for the claim; for a photo claim only what is seen on pictures."""
    seen_only = case.ground is Ground.COPYRIGHT_IMAGE
    wanted = {"picture", "logo"} if seen_only else set(language.reasons) - {"picture"}
    # A copied photo hardly moves the odds of a fake, and carries the photo claim all the same.
    signals = [signal for signal in case.match.get("signals", ()) if seen_only or signal.get("weight", 0) > 0]
    signals.sort(key=lambda signal: -signal["weight"])
    said: dict[str, str] = {}
    for signal in signals:
        kind = family(signal["name"])
        if kind in wanted and kind not in said:
            words = {"mark": case.right["mark"] or case.brand, "words": clip(", ".join(signal.get("words", ())), 80)}
            if kind != "wording" or words["words"]:
                said[kind] = language.fill(language.reasons[kind], words)
    return " ".join(list(said.values())[:MOST_REASONS])


def _price(case: Case, language: Texts) -> str:
    if not case.item["price"]:
        return ""
    return f"{format_decimal(case.item['price'], locale=language.language)} {case.item['currency']}".strip()


def _of(part: str, key: str) -> Callable[[Case, Texts], str]:
    def read(case: Case, _language: Texts) -> str:
        snapshot: Mapping[str, Any] = getattr(case, part) or {}
        value = snapshot.get(key)
        text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "")
        return clip(text, LONGEST_FIELD) if part == "item" and key != "url" else text

    return read


FILLS: dict[str, Callable[[Case, Texts], str]] = {
    "brand.name": lambda case, _language: case.brand,
    "brand.website": lambda case, _language: case.website,
    "claim.kind": lambda case, language: language.kinds[case.ground],
    "claim.narrative": narrative,
    "evidence.screenshot": _of("item", "screenshot"),
    "item.id": _of("item", "listing_id"),
    "item.market": _of("item", "market"),
    "item.price": _price,
    "item.seller": _of("item", "seller"),
    "item.title": _of("item", "title"),
    "item.url": _of("item", "url"),
    "notifier.address": _of("notifier", "address"),
    "notifier.email": _of("notifier", "email"),
    "notifier.name": _of("notifier", "name"),
    "notifier.phone": _of("notifier", "phone"),
    "notifier.role": lambda case, language: language.roles[case.notifier["role"]],
    "power.file": _of("power", "file_name"),
    "right.certificate": _of("right", "certificate_name"),
    "right.classes": _of("right", "classes"),
    "right.expires_on": _of("right", "expires_on"),
    "right.goods": _of("right", "goods"),
    "right.jurisdiction": _of("right", "jurisdiction"),
    "right.mark": _of("right", "mark"),
    "right.number": _of("right", "number"),
    "right.owner": _of("right", "owner"),
    "right.type": lambda case, language: language.rights[RightType(case.right["type"])],
}
