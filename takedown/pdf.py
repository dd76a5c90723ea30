"""The printed notice: WeasyPrint, the platform's language with Korean beside it, nothing fetched from outside."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from weasyprint import CSS, HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from contracts.config import Confidence
from contracts.rights import RightType
from evidence.pictures import decode
from evidence.store import Store
from takedown.models import Notice
from takedown.wording import KOREAN, texts
from triage.highlight import plain

STYLE = Path(__file__).parent / "templates" / "takedown" / "print" / "notice.css"
SCHEME = "evidence:"
TALLEST = 1.05  # height of the part of a screenshot that is printed, in widths; the whole file is named by its hash
WIDEST = 1600  # pixels
DOUBTFUL = frozenset({Confidence.UNVERIFIED, Confidence.LOW})


class RefusedAddress(ValueError):
    """The printed notice named something that is not our own evidence."""


class OwnEvidence(URLFetcher):
    """Serves pictures we hold, by ``evidence:<sha256>``, and refuses every other address.

    Args:
        pictures: PNG or JPEG bytes by SHA-256 of the evidence they show.
    """

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self.pictures = pictures

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002 (their signature)
        """Return a picture of ours. Raises `RefusedAddress` for everything else."""
        data = self.pictures.get(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else None
        if data is None:
            raise RefusedAddress(url[:200])
        return URLFetcherResponse(url, data, {"Content-Type": "image/jpeg"})


def top_of(screenshot: bytes) -> bytes:
    """Return the top of a full-page screenshot as JPEG, small enough to print.

    Raises:
        BadPicture: the bytes are no picture we take.
    """
    picture = decode(screenshot)
    picture = picture.crop((0, 0, picture.width, min(picture.height, round(picture.width * TALLEST))))
    picture.thumbnail((WIDEST, WIDEST * 2))
    printed = io.BytesIO()
    picture.save(printed, "JPEG", quality=88)
    return printed.getvalue()


def render(notice: Notice, *, store: Store) -> bytes:
    """Print a notice.

    Raises:
        NoSuchContent, DamagedContent, BadPicture: the evidence it shows is not what it was.
    """
    shots = {item.snapshot["screenshot_sha256"] for item in notice.items.all()}
    fetcher = OwnEvidence({sha256: top_of(store.get(sha256)) for sha256 in shots})
    with translation.override("en"):  # the paper speaks the platform's language and Korean, not the reader's
        html = render_to_string("takedown/print/notice.html", page_of(notice))
    document = HTML(string=html, url_fetcher=fetcher, base_url=SCHEME)
    pdf: bytes = document.write_pdf(stylesheets=[_style()], pdf_identifier=notice.pk.bytes)
    return pdf


@cache
def _style() -> CSS:
    return CSS(string=STYLE.read_text(encoding="utf-8"), url_fetcher=OwnEvidence({}))


def page_of(notice: Notice) -> dict[str, Any]:
    """Return what the template prints."""
    language, korean = texts()[notice.language], texts()[KOREAN]
    right = notice.right_snapshot
    return {
        "notice": notice,
        "profile": notice.profile,
        "language": language,
        "korean": korean,
        "one_column": language.language == KOREAN,
        "words": language.words,
        "ko": korean.words,
        "rows": list(rows(notice)),
        "right_type": (language.rights[RightType(right["type"])], korean.rights[RightType(right["type"])]),
        "items": [item.snapshot for item in notice.items.all()],
        "form_doubtful": notice.profile["source"]["confidence"] in DOUBTFUL,
        "stands_in": notice.language_wanted,
        "sources": [*notice.profile["warnings"], *notice.profile["facts"]],
    }


def rows(notice: Notice) -> Iterator[dict[str, Any]]:
    """Yield the platform's fields as drafted: label and value in its language, and in Korean."""
    for field in notice.profile["fields"]:
        drafted = notice.fields[field["key"]]
        label = field["label"]
        yield {
            "label": label.get(notice.language, label["en"]),
            "english": label["en"] if notice.language != "en" else "",
            "label_ko": label["ko"],
            "value": plain(drafted["value"]),
            "value_ko": plain(drafted["ko"]),
            "korean_lacks": field["multiline"] and drafted["edited"] and not drafted["ko"],
            "empty": field["required"] and not drafted["value"],
            "max_length": field["max_length"],
            "length": len(drafted["value"]),
            # A form that was not seen at all is marked once, in its heading.
            "doubtful": bool(field["source"]) and field["source"]["confidence"] in DOUBTFUL,
        }
