"""What is different between two looks at a listing, in the fields a person judges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from django.utils.translation import gettext_lazy as _

FIELD_LABELS: Mapping[str, object] = {
    "title": _("Title"),
    "description": _("Description"),
    "brand": _("Brand field"),
    "price": _("Price"),
    "price_max": _("Highest price"),
    "currency": _("Currency"),
    "condition": _("Condition"),
    "seller_id": _("Seller"),
    "seller_name": _("Seller name"),
    "image_urls": _("Pictures"),
    "attributes": _("Attributes"),
}


@attrs.frozen(kw_only=True)
class Change:
    """One field that differs. ``before`` and ``after`` are short texts, empty where the field was not shown."""

    field: str
    before: str
    after: str

    @property
    def label(self) -> object:
        """The field's name in the interface language."""
        return FIELD_LABELS[self.field]


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {item}" for name, item in value.items())
    if isinstance(value, list):
        return str(len(value))
    return "" if value is None else str(value)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Compare two listing contracts as stored in captures; for pictures the counts are shown."""
    return [
        Change(field=field, before=_short(before.get(field)), after=_short(after.get(field)))
        for field in FIELD_LABELS
        if before.get(field) != after.get(field)
    ]
