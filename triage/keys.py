"""The keyboard of the review page: one table for the buttons, the help overlay and the documentation.

``code`` is the physical key (``KeyboardEvent.code``), so the keys stay where they are on Korean, Thai and other layouts
and while an input method is on.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from django.utils.translation import gettext_lazy as _

from contracts.verdict import VerdictKind
from triage.models import VERDICT_LABELS


@attrs.frozen(kw_only=True)
class Key:
    """One key: what the browser calls it, what is printed on it, what it does."""

    code: str
    label: str
    does: object


VERDICT_KEYS: Mapping[VerdictKind, Key] = {
    kind: Key(code=f"Digit{number}", label=str(number), does=VERDICT_LABELS[kind])
    for number, kind in enumerate(VerdictKind, start=1)
}

UNDO = Key(code="KeyU", label="u", does=_("Undo your last decision"))
SKIP = Key(code="KeyS", label="s", does=_("Skip this flag"))
SNOOZE = Key(code="KeyZ", label="z", does=_("Snooze this flag"))
NEXT_PAIR = Key(code="KeyJ", label="j", does=_("Next pair of pictures"))
PREVIOUS_PAIR = Key(code="KeyK", label="k", does=_("Previous pair of pictures"))
START = Key(code="KeyR", label="r", does=_("Start reviewing (on the queue page)"))
HELP = Key(code="Slash", label="?", does=_("Show or hide this help"))

KEYS: tuple[Key, ...] = (*VERDICT_KEYS.values(), UNDO, SKIP, SNOOZE, NEXT_PAIR, PREVIOUS_PAIR, START, HELP)
