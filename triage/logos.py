"""Registered logos in stored listing pictures. What was looked for once is kept beside the search index.

Looking is the costliest thing matching does (about 7 ms per logo and picture), so only a few pictures are asked about
the logos of brands that are suspected, and the answer of a picture and a logo is kept for good: neither changes. It is
kept as if that logo alone had been looked for; which of two in one place is meant depends on who is asked about.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import attrs
from django.conf import settings

from contracts.errors import JikimiError
from contracts.match import PictureMatch, ReferencePicture
from evidence.store import DamagedContent, NoSuchContent, Store
from listings.derived import Kept
from matchers.logos.compare import VERSION, Sight, matched, sights
from matchers.logos.find import read, surest
from matchers.logos.logo import Logo, describe

KEPT_READY = 512  # logos kept prepared in memory, about 50 kB each
Answers = dict[str, Sight | None]  # of one picture, by the logo's SHA-256: what was looked for and not seen is None


def _dump(answers: Answers) -> bytes:
    return json.dumps({name: sight and sight.to_json() for name, sight in answers.items()}).encode()


def _load(data: bytes) -> Answers | None:
    try:
        return {name: Sight.from_json(kept) for name, kept in json.loads(data).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


# Two processes may look at the same picture: what the slower one overwrites is looked for again.
ANSWERS = Kept(version=VERSION, dump=_dump, load=_load, suffix="json")


def logos_in(sha256: str, pictures: Sequence[ReferencePicture]) -> list[PictureMatch]:
    """Return which of the registered logos a stored listing picture shows, the surest first; none of an unreadable one.

    Where two of them are seen in one place, only the surer one is.

    Raises:
        NoSuchContent: the listing's picture is not stored.
    """
    known = _looking(sha256, pictures)()
    asked = {picture.sha256 for picture in pictures}
    found = surest(sight for name in sorted(asked) if (sight := known.get(name)) is not None)
    return [
        matched(sha256, picture, sight) for sight in found for picture in pictures if known.get(picture.sha256) is sight
    ]


def missing(sha256: str, pictures: Iterable[ReferencePicture]) -> list[Looking]:
    """Return what is to be done, by `listings.processes.do_all`, so that these logos were looked for in a picture."""
    looking = _looking(sha256, pictures)
    return [looking] if looking.wanted - (ANSWERS.kept(sha256) or {}).keys() else []


def _looking(sha256: str, pictures: Iterable[ReferencePicture]) -> Looking:
    return Looking(settings.INDEX_DIR, settings.EVIDENCE_DIR, sha256, frozenset(picture.sha256 for picture in pictures))


@attrs.frozen
class Looking:
    """To look for logos in a stored picture; picklable."""

    index: Path
    evidence: Path
    sha256: str
    wanted: frozenset[str]

    def __call__(self) -> Answers:
        """Look for those that were not looked for before; return and keep all that is known.

        Raises:
            NoSuchContent: the picture is not stored.
        """
        known = ANSWERS.read(self.index, self.sha256) or {}
        missing = self.wanted - known.keys()
        if missing:
            known |= self._look(sorted(missing))
            ANSWERS.write(self.index, self.sha256, known)
        return known

    def _look(self, names: Sequence[str]) -> Answers:
        data = Store(self.evidence).get(self.sha256)
        ready = []
        answers: Answers = {}
        for name in names:
            try:
                logo = _logo(self.evidence, name)
            except (NoSuchContent, DamagedContent):
                continue  # nothing was looked for: it may be there the next time
            answers[name] = None
            if logo is not None:
                ready.append(logo)
        try:
            photo = read(data)
        except JikimiError:
            return answers
        for logo, sight in sights(photo, ready):
            answers[logo.name] = sight
        return answers


@lru_cache(maxsize=KEPT_READY)
def _logo(evidence: Path, sha256: str) -> Logo | None:
    data = Store(evidence).get(sha256)
    try:
        return describe(data, sha256)
    except JikimiError:
        return None
