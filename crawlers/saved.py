"""Pages people saved: HTML, MHTML, HAR, WARC and WACZ files, brought to what the page objects read.

Files are told apart by their bytes, whatever their name says. They come from strangers: nothing is unpacked to disk,
every size is limited before it is read, and whatever a file holds, what does not fit is named and the rest is read.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, cast

import attrs
import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from web_poet import HttpResponse

from contracts.errors import BadInput
from crawlers.families import texts
from crawlers.reading import LARGEST_PAGE
from evidence.pictures import MAX_BYTES as LARGEST_PICTURE

LARGEST_FILE = 256_000_000  # bytes of a file that is read as a whole
MOST_UNPACKED = 1_000_000_000  # bytes that come out of one archive, however small it is
MOST_PICTURES = 128_000_000  # bytes of pictures of one file that are held for its pages
MOST_RECORDS = 200_000
MOST_HELD = 2_000  # pictures of one file
UNKNOWN_ADDRESS = "about:blank"

_HEAD = 65_536
_HEAD_ELEMENT = 1_000_000  # within which pages name their address; some carry much script before it
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{1,6}\)\s*(\S{1,4000}?)\s*-->", re.IGNORECASE)
_SINGLE_FILE = re.compile(rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S{1,4000})\s+saved date:\s*([^\r\n]{1,80})")
_TAG = re.compile(rb"<(?:link|meta)\b[^<>]{0,5000}>", re.IGNORECASE)
_NAMES_ADDRESS = re.compile(rb"\b(?:rel\s*=\s*[\"']?canonical|property\s*=\s*[\"']?og:url)\b", re.IGNORECASE)
_VALUE = re.compile(rb"\b(?:href|content)\s*=\s*(?:\"([^\"]{1,4000})\"|'([^']{1,4000})')", re.IGNORECASE)
_JS_ZONE = re.compile(r"\s*\(.*$")


@attrs.frozen(kw_only=True)
class SavedPage:
    """One page or answer out of a file.

    ``response.url`` is `UNKNOWN_ADDRESS` where the file does not tell it, ``status`` and ``observed_at`` are None.
    ``answer``: what a script asked for, not a document a person saw; most of those are no listings. ``pictures`` holds
    the bytes the file has, by address. ``scriptless``: browsers leave the scripts out of MHTML files, and with them
    much of what page objects read.
    """

    where: str
    response: HttpResponse
    status: int | None = None
    observed_at: datetime | None = None
    answer: bool = False
    scriptless: bool = False
    pictures: Mapping[str, bytes] = attrs.field(factory=dict, repr=False)


def read_saved(path: Path, name: str | None = None) -> Iterator[SavedPage | BadInput]:
    """Read a saved file, page by page.

    Args:
        path: the file.
        name: what it is called in errors; the path's own name by default.

    Yields:
        A `SavedPage` for each page, a `BadInput` for what could not be read. Hostile bytes never raise.
    """
    name = name or path.name
    try:
        with path.open("rb") as file:
            yield from _read(file, name)
    except OSError as error:
        yield BadInput(name, "(file)", "a readable file", error.strerror or type(error).__name__)


def _read(file: IO[bytes], name: str) -> Iterator[SavedPage | BadInput]:
    start = file.read(_HEAD)
    file.seek(0)
    reader, expected = _reader(start)
    try:
        yield from reader(file, name)
    except BadInput as problem:
        yield problem
    except Exception as error:  # noqa: BLE001 (the file is hostile input: whatever it breaks, the next file is read)
        yield BadInput(name, "(file)", expected, f"{type(error).__name__}: {str(error)[:120]}")


Reader = Callable[[IO[bytes], str], Iterator[SavedPage | BadInput]]


def _reader(start: bytes) -> tuple[Reader, str]:
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _wacz, "a WACZ archive"
    if start.startswith((b"\x1f\x8b", b"WARC/")):
        return _warc, "a WARC file"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _json, "a HAR file or a JSON answer"
    headers = start.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0].lower()
    if b"mime-version:" in headers and b"multipart/related" in headers:
        return _mhtml, "an MHTML file"
    return _html, "a saved page"


def _whole(file: IO[bytes], name: str, most: int) -> bytes:
    data = file.read(most + 1)
    if len(data) > most:
        raise BadInput(name, "(file)", f"at most {most:,} bytes", "more")
    return data


# -- one page ----------------------------------------------------------------------------------------------------------


def _html(file: IO[bytes], name: str) -> Iterator[SavedPage | BadInput]:
    data = _whole(file, name, LARGEST_PAGE)
    if not data.strip():
        raise BadInput(name, "(file)", "a saved page", "nothing")
    if b"\x00" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(name, "(file)", "HTML, MHTML, HAR, WARC, WACZ, JSON Lines or CSV", data[:16])
    url, saved_at = address_in(data)
    yield SavedPage(where=name, response=HttpResponse(url=url or UNKNOWN_ADDRESS, body=data), observed_at=saved_at)


def address_in(data: bytes) -> tuple[str | None, datetime | None]:
    """Return the address a saved page came from and when it was saved, as far as it tells.

    Browsers and SingleFile write the address into a comment at the top; else the page's own canonical address counts.
    """
    head = data[:_HEAD]
    single = _SINGLE_FILE.search(head)
    if single:
        return _address(single.group(1)), _js_date(single.group(2).decode("ascii", "replace"))
    saved_from = _SAVED_FROM.search(head)
    if saved_from:
        return _address(saved_from.group(1)), None
    for tag in _TAG.finditer(data[:_HEAD_ELEMENT]):
        value = _VALUE.search(tag.group(0)) if _NAMES_ADDRESS.search(tag.group(0)) else None
        url = _address(value.group(1) or value.group(2)) if value else None
        if url:
            return url, None
    return None, None


def _address(value: Any) -> str | None:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return texts.address(text)


def _js_date(text: str) -> datetime | None:
    try:
        return datetime.strptime(_JS_ZONE.sub("", text).strip(), "%a %b %d %Y %H:%M:%S GMT%z")
    except ValueError:
        return None


# -- MHTML -------------------------------------------------------------------------------------------------------------


def _mhtml(file: IO[bytes], name: str) -> Iterator[SavedPage | BadInput]:
    message = BytesParser().parsebytes(_whole(file, name, LARGEST_FILE))
    page: Message | None = None
    pictures: dict[str, bytes] = {}
    for part in message.walk():
        kind = part.get_content_type()
        if kind.startswith("image/"):
            _hold(pictures, _address(part.get("Content-Location")), _payload(part))
        elif page is None and kind in {"text/html", "application/xhtml+xml"}:
            page = part
    body = _payload(page) if page is not None else b""
    if page is None or not body:
        raise BadInput(name, "(file)", "an MHTML file with a page", "none inside")
    url = _address(message.get("Snapshot-Content-Location")) or _address(page.get("Content-Location"))
    # The charset goes along; email would decode with it, and fail on what pages get wrong.
    headers = {"Content-Type": str(page.get("Content-Type") or "text/html")}
    response = HttpResponse(url=url or address_in(body)[0] or UNKNOWN_ADDRESS, body=body, headers=headers)
    yield SavedPage(
        where=name,
        response=response,
        observed_at=_mail_date(message.get("Date")),
        scriptless=b"<script" not in body,
        pictures=pictures,
    )


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _mail_date(text: Any) -> datetime | None:
    try:
        return _zoned(parsedate_to_datetime(str(text)))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _zoned(moment: datetime | None) -> datetime | None:
    """Return a moment only where its zone is told."""
    return moment if moment is not None and moment.tzinfo is not None else None


def _iso_date(text: Any) -> datetime | None:
    try:
        return _zoned(datetime.fromisoformat(text)) if isinstance(text, str) else None
    except ValueError:
        return None


def _hold(pictures: dict[str, bytes], url: str | None, data: bytes) -> None:
    if not url or len(pictures) >= MOST_HELD or not 0 < len(data) <= LARGEST_PICTURE:
        return
    if sum(map(len, pictures.values())) + len(data) <= MOST_PICTURES:
        pictures.setdefault(url, data)


# -- HAR, and JSON answers saved as they are ---------------------------------------------------------------------------


def _json(file: IO[bytes], name: str) -> Iterator[SavedPage | BadInput]:
    data = _whole(file, name, LARGEST_FILE)
    document = json.loads(data)
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        yield SavedPage(where=name, response=HttpResponse(url=UNKNOWN_ADDRESS, body=data))
        return
    del data, document, log
    pictures: dict[str, bytes] = {}
    for entry in entries[:MOST_RECORDS]:
        if _kind(_at(entry, "response", "content", "mimeType")) == "picture":
            _hold(pictures, _address(_at(entry, "request", "url")), _har_body(entry))
    for number, entry in enumerate(entries[:MOST_RECORDS]):
        yield from _har_entry(entry, f"{name}, entry {number + 1}", pictures)


def _har_entry(entry: Any, where: str, pictures: Mapping[str, bytes]) -> Iterator[SavedPage | BadInput]:
    kind, body = _kind(_at(entry, "response", "content", "mimeType")), _har_body(entry)
    url, status = _address(_at(entry, "request", "url")), _at(entry, "response", "status")
    redirects = isinstance(status, int) and 300 <= status < 400  # noqa: PLR2004 (HTTP)
    if kind not in {"document", "answer"} or not body.strip() or url is None or redirects:
        return
    if len(body) > LARGEST_PAGE:
        yield BadInput(where, "response.content.text", f"at most {LARGEST_PAGE:,} bytes", f"{len(body):,} bytes")
        return
    # HAR texts are decoded already; the header's charset no longer holds.
    media_type = str(_at(entry, "response", "content", "mimeType")).partition(";")[0]
    known = status if isinstance(status, int) and 100 <= status < 600 else None  # noqa: PLR2004 (HTTP)
    yield SavedPage(
        where=where,
        response=HttpResponse(url=url, body=body, status=known or 200, headers={"Content-Type": media_type}),
        status=known,
        observed_at=_iso_date(_at(entry, "startedDateTime")),
        answer=kind == "answer",
        pictures=pictures,
    )


def _har_body(entry: Any) -> bytes:
    text = _at(entry, "response", "content", "text")
    if not isinstance(text, str):
        return b""
    if _at(entry, "response", "content", "encoding") == "base64":
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError):
            return b""
    return text.encode("utf-8", "replace")


def _at(value: Any, *names: str) -> Any:
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _kind(media_type: Any) -> str:
    """Return what a media type is to us: ``document``, ``answer``, ``picture`` or ""."""
    text = media_type.lower() if isinstance(media_type, str) else ""
    if "html" in text:
        return "document"
    if text.startswith("image/"):
        return "picture"
    return "answer" if "json" in text or "javascript" in text else ""


# -- WARC and WACZ -----------------------------------------------------------------------------------------------------


_TORN = (ArchiveLoadFailed, zlib.error, EOFError, zipfile.BadZipFile, gzip.BadGzipFile)


class _Limited:
    """A stream that ends a file's reading once more came out of it than any honest file holds."""

    def __init__(self, stream: IO[bytes], name: str, most: int) -> None:
        self._stream, self._name, self._left = stream, name, most

    def read(self, size: int = -1) -> bytes:
        # Piece by piece: what came out before a tear is whole, and a tear found while filling a buffer would lose it.
        some = getattr(self._stream, "read1", self._stream.read)
        data: bytes = some(size if size >= 0 else 1 << 20)
        self._left -= len(data)
        if self._left < 0:
            raise BadInput(self._name, "(file)", "an archive that unpacks to a sane size", "more than the limit")
        return data


def _inflated(stream: IO[bytes]) -> IO[bytes]:
    """Return what a gzipped stream holds: limits count what comes out, not what went in."""
    start = stream.read(2)
    stream.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if start == b"\x1f\x8b" else stream


def _warc(file: IO[bytes], name: str) -> Iterator[SavedPage | BadInput]:
    def opened() -> Iterator[_Limited]:
        file.seek(0)
        yield _Limited(_inflated(file), name, MOST_UNPACKED)

    yield from _archived(opened, name)


def _wacz(file: IO[bytes], name: str) -> Iterator[SavedPage | BadInput]:
    with zipfile.ZipFile(file) as archive:
        inside = [info for info in archive.infolist() if re.search(r"\.warc(\.gz)?$", info.filename.lower())]
        if not inside:
            raise BadInput(name, "(file)", "a WACZ archive with a WARC file inside", "none inside")

        def opened() -> Iterator[_Limited]:
            left = MOST_UNPACKED
            for info in inside:
                left -= info.file_size
                if left < 0:
                    raise BadInput(name, "(file)", f"at most {MOST_UNPACKED:,} bytes unpacked", "more")
                with archive.open(info) as member:  # read in place: its name never becomes a path
                    yield _Limited(_inflated(member), name, MOST_UNPACKED)

        yield from _archived(opened, name)


def _archived(opened: Callable[[], Iterator[_Limited]], name: str) -> Iterator[SavedPage | BadInput]:
    """Read the pages of WARC streams; a first round holds the pictures, because they follow their page."""
    pictures: dict[str, bytes] = {}
    with suppress(*_TORN):  # told below
        for record in _records(opened):
            if _kind(_media_type(record)) == "picture":
                url = _address(record.rec_headers.get_header("WARC-Target-URI"))
                _hold(pictures, url, _body(record, LARGEST_PICTURE) or b"")
    number = 0
    try:
        for record in _records(opened):
            number += 1
            yield from _warc_page(record, f"{name}, record {number}", pictures)
    except _TORN as error:
        yield BadInput(f"{name}, record {number + 1}", "(record)", "a whole WARC record", str(error)[:120])


def _records(opened: Callable[[], Iterator[_Limited]]) -> Iterator[Any]:
    seen = 0
    for stream in opened():
        for record in ArchiveIterator(stream):
            seen += bool(record.rec_type)
            if seen > MOST_RECORDS:
                return
            if record.rec_type in {"response", "resource"}:
                yield record
    if not seen:
        raise ArchiveLoadFailed("there is no record")


def _media_type(record: Any) -> str:
    headers = record.http_headers if record.http_headers is not None else record.rec_headers
    return headers.get_header("Content-Type") or ""


def _body(record: Any, most: int) -> bytes | None:
    """Return a record's body, decoded; None when it is larger than ``most``."""
    headers = record.http_headers
    if headers is None or "br" not in (headers.get_header("Content-Encoding") or "").lower():
        return _taken(record.content_stream(), most)
    # warcio would unpack a whole piece of Brotli at once, and a few bytes of it may hold gigabytes.
    chunked = "chunked" in (headers.get_header("Transfer-Encoding") or "").lower()
    packed = _taken(ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream, most)
    try:
        data = brotli.Decompressor().process(packed or b"", output_buffer_limit=most + 1)
    except brotli.error:
        return packed  # the header says so, the body was unpacked before it was kept
    return data if packed is not None and len(data) <= most else None


def _taken(stream: Any, most: int) -> bytes | None:
    data = b""
    while len(data) <= most and (piece := stream.read(most + 1 - len(data))):
        data += piece
    return data if len(data) <= most else None


def _warc_page(record: Any, where: str, pictures: Mapping[str, bytes]) -> Iterator[SavedPage | BadInput]:
    media_type = _media_type(record)
    kind, url = _kind(media_type), _address(record.rec_headers.get_header("WARC-Target-URI"))
    if kind not in {"document", "answer"} or url is None:
        return
    status = _status(record)
    if status is not None and 300 <= status < 400:  # noqa: PLR2004 (HTTP)
        return
    body = _body(record, LARGEST_PAGE)
    if body is None:
        yield BadInput(where, "(record)", f"at most {LARGEST_PAGE:,} bytes", "more")
    elif body.strip():
        yield SavedPage(
            where=where,
            response=HttpResponse(url=url, body=body, status=status or 200, headers={"Content-Type": media_type}),
            status=status,
            observed_at=_iso_date(record.rec_headers.get_header("WARC-Date")),
            answer=kind == "answer",
            pictures=pictures,
        )


def _status(record: Any) -> int | None:
    text = record.http_headers.get_statuscode() if record.http_headers is not None else ""
    return int(text) if text and text.isascii() and text.isdigit() and 100 <= int(text) < 600 else None  # noqa: PLR2004 (HTTP)


def file_time(path: Path) -> datetime:
    """Return when a file was last written: the time of pages that do not tell their own."""
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
