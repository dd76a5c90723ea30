"""Tesseract, one line at a time, for the scripts RapidOCR does not ship: Korean, Thai, Vietnamese."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tesserocr

NAMES = {"ko": "kor", "th": "tha", "vi": "vie"}  # ISO 639-1 to the names of tesseract's data
PLACES = ("/usr/share", "/usr/local/share", "/opt/homebrew/share", "/opt/local/share")
DOTS_PER_INCH = 150  # tesseract guesses, and warns, when it is not told

_log = logging.getLogger(__name__)
_own = threading.local()  # an engine is one thread's


def data_of(language: str) -> Path | None:
    """Return the folder that holds tesseract's data of a language (ISO 639-1), None where it is not installed."""
    return next((place for place in _folders() if (place / f"{NAMES[language]}.traineddata").is_file()), None)


def _folders() -> Iterator[Path]:
    if os.environ.get("TESSDATA_PREFIX"):
        named = Path(os.environ["TESSDATA_PREFIX"])
        yield from (named, named / "tessdata")
    for place in map(Path, PLACES):
        # Debian keeps a folder per version; the newest first.
        yield from sorted(place.glob("tesseract-ocr/*/tessdata"), reverse=True)
        yield from (place / "tesseract-ocr" / "tessdata", place / "tessdata")


@lru_cache(maxsize=len(NAMES))
def can_read(language: str) -> bool:
    """Tell whether a language can be read here; says once, in the log, when its data is missing."""
    if data_of(language) is not None:
        return True
    _log.warning(
        "tesseract's data for %r is not installed: words in pictures in that language are not read. Install "
        "tesseract-ocr-%s (scripts/setup does), or set TESSDATA_PREFIX to the folder that holds %s.traineddata.",
        language,
        NAMES[language],
        NAMES[language],
    )
    return False


def read(line: npt.NDArray[np.uint8], language: str) -> list[tuple[str, float]]:
    """Return what a line of dark letters on white (grey) says and how sure tesseract is of it, 0..1.

    Korean comes word by word: its data knows no Latin letters, and one such word would spoil the line. The others come
    as one text: Thai has no spaces, and tesseract's words are not a reader's.
    """
    engine = _engine(language)
    engine.SetImageBytes(line.tobytes(), line.shape[1], line.shape[0], 1, line.shape[1])
    engine.SetSourceResolution(DOTS_PER_INCH)
    text = " ".join(engine.GetUTF8Text().split())
    if not text:
        return []
    words = engine.MapWordConfidences() if language == "ko" else [(text, engine.MeanTextConf())]
    return [(word, confidence / 100) for word, confidence in words]


def _engine(language: str) -> tesserocr.PyTessBaseAPI:
    engines: dict[str, tesserocr.PyTessBaseAPI] = _own.__dict__.setdefault("engines", {})
    if language not in engines:
        engines[language] = tesserocr.PyTessBaseAPI(
            path=str(data_of(language)),
            lang=NAMES[language],
            psm=tesserocr.PSM.SINGLE_LINE,
            oem=tesserocr.OEM.LSTM_ONLY,
        )
        engines[language].SetVariable("debug_file", os.devnull)  # it tells of every line too small to read
    return engines[language]
