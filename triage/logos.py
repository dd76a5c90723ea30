"""Registered logos in stored listing pictures. What was looked for once is kept beside the search index.

Looking is the costliest thing matching does (about 15 ms per logo and picture), so only a few pictures are asked about
the logos of brands that are suspected, and the answer of a picture and a logo is kept for good: neither changes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from contracts.errors import JikimiError
from contracts.match import PictureMatch, ReferencePicture
from evidence.store import Store
from matchers.logos.compare import VERSION, Sight, matched, sights
from matchers.logos.find import read
from matchers.logos.logo import Logo, describe

KEPT_READY = 512  # logos kept prepared in memory, about 50 kB each


def logos_in(sha256: str, pictures: Sequence[ReferencePicture]) -> list[PictureMatch]:
    """Return which of the registered logos a stored listing picture shows; none when it cannot be read.

    Raises:
        NoSuchContent: the listing's picture is not stored.
    """
    known = _known(sha256)
    missing = [picture for picture in pictures if picture.sha256 not in known]
    if missing:
        known |= _look(sha256, {picture.sha256 for picture in missing})
        _keep(sha256, known)
    return [
        matched(sha256, picture, sight)
        for picture in pictures
        if (sight := Sight.from_json(known.get(picture.sha256))) is not None
    ]


def _look(sha256: str, wanted: Iterable[str]) -> dict[str, Any]:
    store = Store(settings.EVIDENCE_DIR)
    data = store.get(sha256)
    names = sorted(wanted)
    ready = [logo for name in names if (logo := _logo(str(settings.EVIDENCE_DIR), name)) is not None]
    answers: dict[str, Any] = dict.fromkeys(names)
    try:
        photo = read(data)
    except JikimiError:
        return answers
    for logo, sight in sights(photo, ready):
        answers[logo.name] = sight.to_json()
    return answers


@lru_cache(maxsize=KEPT_READY)
def _logo(evidence: str, sha256: str) -> Logo | None:
    try:
        return describe(Store(Path(evidence)).get(sha256), sha256)
    except JikimiError:
        return None


def _path(sha256: str) -> Path:
    return Path(settings.INDEX_DIR) / "logos" / VERSION.replace("/", "-") / sha256[:2] / f"{sha256}.json"


def _known(sha256: str) -> dict[str, Any]:
    try:
        kept = json.loads(_path(sha256).read_bytes())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _keep(sha256: str, answers: dict[str, Any]) -> None:
    path = _path(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(answers))
    draft.replace(path)  # another process may look at the same picture: what it lost is looked for again
