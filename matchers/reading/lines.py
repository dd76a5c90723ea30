"""Reads the words in a picture: every line by RapidOCR, and again by tesseract where that cannot have understood it.

RapidOCR has no Hangul and no Thai: such lines come back as a few letters it is unsure of, and that is how they are
recognised. On lines of known script printed on plain ground its confidence was 0.97 or more for Latin, Chinese and
Japanese, at most 0.94 for Korean and Thai but for lines that also hold digits, which come out too short for their
width (2026-11-27).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel

from contracts.match import ReadText, Script
from contracts.scripts import script_of
from evidence.pictures import decode
from matchers.folding import fold
from matchers.reading import boxes, rapid, tesseract
from matchers.reading.ink import renderings

VERSION = "reading/1"
LANGUAGES = frozenset(tesseract.NAMES)  # what can be asked for beside Latin, Chinese and Japanese
SURE = 0.93  # of RapidOCR: below, the line may be in a script it lacks
CROWDED = {Script.LATIN: 1.4, Script.HAN: 0.9, Script.KANA: 0.9}  # letters per line height; fewer: it left some out
KEPT = 0.6  # RapidOCR's readings below this are noise
FEWEST = 2  # letters; one alone is some ornament
PRINTED = 0.75  # tesseract's words likewise
BESIDE = 0.85  # of RapidOCR: what it read of a line that tesseract read too
CERTAIN = 0.92  # of tesseract: no other rendering need be tried
ALIKE = 0.5  # Vietnamese readings may differ from RapidOCR's in accents, hardly in letters
MOST_AGAIN = 8  # lines of a picture that tesseract reads

_SCRIPT_OF = {"ko": Script.HANGUL, "th": Script.THAI, "vi": Script.LATIN}
_LANGUAGES_OF = {"TH": ("th",), "VN": ("vi",)}


class Reading(NamedTuple):
    """What a reader makes of a line and how sure it is, 0..1."""

    text: str
    confidence: float

    @property
    def told(self) -> float:
        """How much was surely read: letters, each by its confidence."""
        return len(self.text) * self.confidence


def languages_for(scripts: Collection[Script], *, site: str = "") -> tuple[str, ...]:
    """Return the languages to expect, sorted: Korean always, and those of the marks' scripts and of the site.

    Args:
        scripts: scripts the brands' marks are registered in.
        site: country of the marketplace's site (ISO 3166-1 alpha-2).
    """
    wanted = {"ko", *_LANGUAGES_OF.get(site, ())} | ({"th"} if Script.THAI in scripts else set())
    return tuple(sorted(wanted))


def read(data: bytes, *, languages: Collection[str]) -> tuple[ReadText, ...]:
    """Read the words in a picture.

    Args:
        data: the picture's bytes.
        languages: which of `LANGUAGES` to expect beside what RapidOCR reads; those that are not installed are left out.

    Raises:
        evidence.pictures.BadPicture: bytes that are no picture within the limits.
    """
    picture = np.asarray(decode(data))[..., ::-1]
    return read_pixels(np.ascontiguousarray(picture), hashlib.sha256(data).hexdigest(), languages=languages)


def read_pixels(picture: npt.NDArray[np.uint8], sha256: str, *, languages: Collection[str]) -> tuple[ReadText, ...]:
    """Read the words in a decoded BGR picture (height, width, 3), the largest lines first."""
    wanted = [language for language in languages if tesseract.can_read(language)]
    again = MOST_AGAIN
    found: list[ReadText] = []
    for box in boxes.find(picture):
        first, line = max(((Reading(*rapid.read(way)), way) for way in box.ways), key=lambda read: read[0].confidence)
        asked = (
            [language for language in wanted if _may_be(language, first, line.shape[1] / line.shape[0])]
            if again
            else []
        )
        again -= bool(asked)
        second = _read_again(line, asked, first.text)
        found += [
            ReadText(
                listing_sha256=sha256,
                text=reading.text,
                region=box.region,
                confidence=round(reading.confidence, 3),
                script=script_of(reading.text),
                version=VERSION,
            )
            for reading in _kept(first, second)
        ]
    return tuple(found)


def _kept(first: Reading, second: Reading | None) -> Iterator[Reading]:
    """Yield what is kept of RapidOCR's and tesseract's readings: both of a line in two scripts, each surely read."""
    if second is not None:
        yield second
    sure = first.confidence >= (KEPT if second is None else BESIDE)
    letters = sum(letter.isalnum() for letter in first.text)
    if sure and letters >= FEWEST and not (second and _alike(first.text, second.text)):
        yield first


def _may_be(language: str, first: Reading, aspect: float) -> bool:
    """Tell whether a line may be in a language that RapidOCR does not know."""
    script = script_of(first.text)
    if language == "vi" and script is Script.LATIN:
        return True
    letters = len("".join(first.text.split()))
    return first.confidence < SURE or letters < CROWDED.get(script, CROWDED[Script.LATIN]) * aspect


def _read_again(line: npt.NDArray[np.uint8], languages: list[str], heard: str) -> Reading | None:
    """Let tesseract read a line; None where it makes nothing of it that is in its language."""
    best: Reading | None = None
    for rendering in renderings(line) if languages else ():
        for language in languages:
            words = tesseract.read(rendering, language)
            # What else stands in the line is RapidOCR's to read.
            kept = [(text, sure) for text, sure in words if sure >= PRINTED and _is_in(language, text)]
            again = Reading(
                " ".join(text for text, _ in kept), float(np.mean([sure for _, sure in kept or [("", 0.0)]]))
            )
            if not kept or (language == "vi" and not _alike(again.text, heard)):
                continue
            if best is None or again.told > best.told:
                best = again
            if len(kept) == len(words) and again.confidence >= CERTAIN:
                return again
    return best


def _is_in(language: str, text: str) -> bool:
    return any(script_of(word) is _SCRIPT_OF[language] for word in text.split())


def _alike(text: str, other: str) -> bool:
    return Indel.normalized_similarity(fold(text).text, fold(other).text) >= ALIKE
