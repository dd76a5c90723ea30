"""What the browser extension sends, checked part by part before anything is decoded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from web_poet import HttpResponse

from accounts.models import User
from contracts.errors import BadInput
from crawlers.families import texts
from crawlers.reading import LARGEST_PAGE
from evidence.pictures import MAX_BYTES
from listings.captures import CapturedPage
from triage.captures import vantage

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest

WHERE = "capture"
MOST_BYTES = 64_000_000  # of a whole capture
MOST_PICTURES = 60
LATE = timedelta(minutes=10)  # a capture is sent at once; a clock further behind is wrong
_LONGEST_WORD = 40


def read_capture(request: HttpRequest, sender: User) -> CapturedPage:
    """Read a capture from a multipart request.

    Parts: ``url``, ``html`` (a file: the document's outer HTML in UTF-8) and, where known, ``time`` (ISO 8601 with its
    zone), ``status`` (HTTP), ``tool``, ``language`` (of the browser), ``screenshot`` (a PNG or JPEG file), and as many
    ``picture_url`` as ``picture`` (files), in the same order.

    Raises:
        BadInput: names the part that does not fit.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise BadInput(WHERE, "(body)", f"at most {MOST_BYTES:,} bytes", length)
    try:
        fields, files = request.POST, request.FILES
    except (MultiPartParserError, SuspiciousOperation, BadRequest) as error:
        raise BadInput(WHERE, "(body)", "a multipart form within the limits", str(error)) from None
    url = texts.address(fields.get("url"))
    if url is None:
        raise BadInput(WHERE, "url", "a web address", fields.get("url"))
    html = _bytes(files.get("html"), "html", LARGEST_PAGE)
    if not html.strip():
        raise BadInput(WHERE, "html", "a file with the page's HTML", fields.get("html"))
    status = _status(fields.get("status"))
    tool = ", ".join(filter(None, (_word(fields.get("tool")) or "an unnamed tool", _word(fields.get("language")))))
    return CapturedPage(
        response=HttpResponse(
            url=url, body=html, status=status or 200, headers={"Content-Type": "text/html; charset=utf-8"}
        ),
        observed_at=_moment(fields.get("time")),
        vantage=vantage(sender, tool),
        status=status,
        screenshot=_bytes(files.get("screenshot"), "screenshot", MAX_BYTES) or None,
        pictures=_pictures(fields.getlist("picture_url"), files.getlist("picture")),
    )


def _bytes(file: UploadedFile | None, field: str, most: int) -> bytes:
    if file is None:
        return b""
    if file.size is None or file.size > most:
        raise BadInput(WHERE, field, f"at most {most:,} bytes", file.size)
    data: bytes = file.read()
    return data


def _word(text: str | None) -> str:
    return "".join(letter for letter in (text or "") if letter.isprintable())[:_LONGEST_WORD].strip()


def _status(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 100 <= int(text) < 600):  # noqa: PLR2004 (HTTP)
        raise BadInput(WHERE, "status", "an HTTP status", text)
    return int(text)


def _moment(text: str | None) -> datetime:
    """Return when the page was seen: as told where that fits our clock, else now."""
    now = timezone.now()
    if not text:
        return now
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(WHERE, "time", "an ISO 8601 time", text) from None
    if told.tzinfo is None:
        raise BadInput(WHERE, "time", "a time with its zone", text)
    return told if now - LATE < told <= now else now


def _pictures(urls: list[str], files: list[UploadedFile]) -> dict[str, bytes]:
    if len(urls) != len(files) or len(files) > MOST_PICTURES:
        expected = f"as many as picture_url, at most {MOST_PICTURES}"
        raise BadInput(WHERE, "picture", expected, f"{len(files)} pictures, {len(urls)} addresses")
    pictures: dict[str, bytes] = {}
    for number, (given, file) in enumerate(zip(urls, files, strict=True)):
        url = texts.address(given)
        if url is None:
            raise BadInput(WHERE, f"picture_url.{number}", "a web address", given)
        pictures[url] = _bytes(file, f"picture.{number}", MAX_BYTES)
    return pictures
