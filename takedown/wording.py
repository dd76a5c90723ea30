"""The words of a notice: ``takedown/texts/<language>.toml``. A language without a file falls back to English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter

from pydantic import field_validator

from contracts.config import Language, Source, Strict, load
from contracts.duty import Statement
from contracts.errors import BadInput
from contracts.match import Ground
from contracts.rights import RightType

TEXTS_DIR = Path(__file__).parent / "texts"
FALLBACK = "en"
KOREAN = "ko"

PLACEHOLDERS = frozenset(
    "brand classes mark notifier observed owner reasons right seller title words".split(),  # noqa: SIM905 (reads better)
)
# What a person still has to write stands between three number signs; it blocks the submission.
OPEN_PLACE = re.compile(r"###.*?###|###", re.DOTALL)


class Texts(Strict):
    """Everything a notice says in one language. Templates take the names in `PLACEHOLDERS` in braces.

    ``reasons`` are keyed by the family of a signal (`family`); ``words`` are the headings of the printed notice.
    """

    language: Language
    name: str
    html_lang: str
    describe: str  # between ###: what a person must explain when no signal can be worded
    narrative: dict[Ground, str]
    kinds: dict[Ground, str]
    roles: dict[str, str]
    rights: dict[RightType, str]
    reasons: dict[str, str]
    statements: dict[Statement, str]
    words: dict[str, str]
    source: Source

    @field_validator("narrative", "reasons", "statements")
    @classmethod
    def _known_places(cls, texts: dict[str, str]) -> dict[str, str]:
        for key, text in texts.items():
            for _, name, _, _ in Formatter().parse(text):
                if name is not None and name not in PLACEHOLDERS:
                    message = f"{key}: {{{name}}} is not one of " + ", ".join(sorted(PLACEHOLDERS))
                    raise ValueError(message)
        return texts

    def fill(self, template: str, words: Mapping[str, str]) -> str:
        """Fill a template; a value that is empty leaves an open place."""
        known = {name: words.get(name) or f"### {name} ###" for name in PLACEHOLDERS}
        return template.format_map(known)


@cache
def texts(folder: Path = TEXTS_DIR) -> dict[str, Texts]:
    """Return every language's texts; the file name must be the language."""
    found: dict[str, Texts] = {}
    for path in sorted(folder.glob("*.toml")):
        read = load(path, Texts)
        if path.stem != read.language:
            raise BadInput(str(path), "language", f"the file's name, {path.stem!r}", read.language)
        found[read.language] = read
    return found


def choose(accepted: tuple[str, ...], site_languages: tuple[str, ...]) -> tuple[Texts, str]:
    """Return the texts to write in, and the language that was wanted when English stands in for it (else empty).

    Args:
        accepted: languages the platform takes, best first.
        site_languages: languages of the site, best first.
    """
    wanted = next((language for language in site_languages if language in accepted), accepted[0])
    for tag in (wanted, wanted.split("-")[0]):
        if tag in texts():
            return texts()[tag], ""
    return texts()[FALLBACK], wanted


# Which signals of a match a notice may word, and how. Surplus, repacking, mere likeness and the seller's conduct are no
# grounds for calling goods counterfeit, so they are not worded.
_FAMILIES: Mapping[str, str] = {
    "mark": "mark",
    "mark_disguised": "mark",
    "wording_copy": "wording",
    "wording_concealment": "wording",
    "price": "price",
    "photo_copy": "picture",
    "artwork": "logo",
}


def family(signal_name: str) -> str:
    """Return the family of a signal (a key of ``reasons``), empty for one that no text words."""
    return _FAMILIES.get(signal_name, "")


def open_places(text: str) -> list[str]:
    """Return what a person still has to replace in ``text``."""
    return OPEN_PLACE.findall(text)
