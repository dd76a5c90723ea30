"""Every way a name is written otherwise in its own script: to propose spellings, and to make titles to measure with.

Which ways there are depends on the script the name is written in; they lie in `matchers.scripts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from random import Random

from contracts.match import Script
from contracts.scripts import script_of
from matchers.scripts import han, hangul, kana, latin, thai

Way = Callable[[str], Iterable[str]]
MOST_FORMS = 400  # of one way
LONGEST = 100  # letters of a name that are changed

WAYS: Mapping[Script, Mapping[str, Way]] = {
    Script.LATIN: latin.VARIANTS,
    Script.HANGUL: hangul.VARIANTS,
    Script.HAN: han.VARIANTS,
    Script.KANA: kana.VARIANTS,
    Script.THAI: thai.VARIANTS,
}


def ways(name: str) -> Mapping[str, Way]:
    """Return the ways a name of this script is written otherwise, by name; none for other scripts."""
    return WAYS.get(script_of(name), {})


def forms(name: str, way: str) -> list[str]:
    """Return the forms of ``name`` that one way gives, at most `MOST_FORMS`. Raises `KeyError` for no such way."""
    made = ways(name)[way](name[:LONGEST])
    return list(dict.fromkeys(form for form in islice(made, MOST_FORMS) if form.strip() and form != name))


def draw(name: str, way: str, chance: Random, *, times: int = 1) -> str | None:
    """Return a form drawn by ``chance``, written otherwise ``times`` times over; None where the way changes nothing."""
    form = name
    for _ in range(times):
        found = [other for other in forms(form, way) if other != name] if way in ways(form) else []
        if not found:
            return None
        form = chance.choice(found)
    return form
