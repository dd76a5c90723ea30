"""Writes ``config/words/cldr``: names of everyday things in our languages, from Unicode's annotations of pictures.

``python -m scripts.words FOLDER``, where FOLDER holds an unpacked ``cldr-annotations-full`` (npm; Unicode licence v3).
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from matchers.folding import fold
from matchers.words import CLDR_DIR

LANGUAGES = {"de": "de", "es": "es", "fr": "fr", "id": "id", "it": "it", "ja": "ja", "ko": "ko", "ms": "ms", "pl": "pl",
             "th": "th", "tl": "fil", "zh": "zh"}  # fmt: skip
MIN_ASCII, MIN_OWN = 3, 2  # letters
HEADER = "# Unicode CLDR {version}, annotations of {language}; see LICENSE. Written by scripts/words.py."


def words(folder: Path, language: str) -> Iterator[str]:
    """Yield every word of a language's names and keywords of pictures, folded."""
    path = folder / "annotations" / language / "annotations.json"
    annotations = json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"]
    for found in annotations.values():
        for phrase in (*found.get("default", ()), *found.get("tts", ())):
            for word in re.split(r"[\s,;:()&/|“”„«»「」・.…!?–—-]+", fold(phrase).text):
                if len(word) >= (MIN_ASCII if word.isascii() else MIN_OWN) and not any(c.isdigit() for c in word):
                    yield word.strip("'’\"")


def main() -> None:
    """Write a file for each language."""
    folder = Path(sys.argv[1])
    version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    CLDR_DIR.mkdir(exist_ok=True)
    for ours, theirs in LANGUAGES.items():
        lines = textwrap.wrap(" ".join(sorted(set(words(folder, theirs)))), 120, break_long_words=False,
                              break_on_hyphens=False)  # fmt: skip
        header = HEADER.format(version=version, language=theirs)
        (CLDR_DIR / f"{ours}.txt").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    (CLDR_DIR / "LICENSE").write_bytes((folder / "LICENSE").read_bytes())


if __name__ == "__main__":
    main()
