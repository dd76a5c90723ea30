"""WARC files (ISO 28500): every fetched page, record after record, never changed.

One file per crawl job. A record is one gzip member, written with one system call, so that a kill leaves at most one
torn member at the end; it is recognised by its missing end and cut off when the file is opened again. What a full disk
did not take whole is taken back at once.

What a client hands over has been decoded: the transfer coding and compression are gone, and a page from a browser is
its document as it stood when read. Records therefore are reconstructions and say so (``Jikimi-Note``); their
``Jikimi-Payload-SHA256`` is over the body exactly as the page objects read it. warcio's own SHA-1 digests stand
beside it, because other WARC tools look for them.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from contracts.errors import JikimiError
from evidence.appending import append_whole
from evidence.members import Damage, Member, members
from evidence.offsets import find_member

NOTE_DECODED = "reconstruction: status, headers and body as the HTTP client decoded them"
NOTE_STORED = "bytes as they are stored by their SHA-256; the headers they came with were not kept"
NOTE_RENDERED = "reconstruction: the document as a browser had rendered it, headers as the browser reported them"
LEVEL = 6  # gzip; measured 2026-11 on 32 HTML pages of 570 kB: 9 takes 1.7 times as long for 1 % less
# A body without these coding headers replays; they are kept under another name, as web archives do.
_CODINGS = {"content-encoding", "transfer-encoding", "content-length"}


class TornWarc(JikimiError):
    """A WARC file that ends inside a record, or is damaged inside."""


class NoSuchRecord(JikimiError):
    """No record of this id in the file."""


@attrs.frozen(kw_only=True)
class Answer:
    """One HTTP answer to be kept. ``note`` says how the bytes came to be as they are."""

    url: str
    observed_at: datetime
    status: int
    headers: Iterable[tuple[str, str]]
    body: bytes
    vantage: str = ""
    note: str = NOTE_DECODED
    ip_address: str = ""


@attrs.frozen(kw_only=True)
class Record:
    """One record read back. ``sha256`` is what its header says; compare with the body's own."""

    record_id: str
    kind: str
    url: str
    date: str
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    sha256: str | None
    digest_ok: bool


def parse(data: bytes) -> Record:
    """Read the record of one member. Raises `TornWarc` when it holds none."""
    for raw in ArchiveIterator(io.BytesIO(data), check_digests=True):
        body = raw.content_stream().read()
        head = raw.rec_headers
        http = raw.http_headers
        return Record(
            record_id=_bare_id(head.get_header("WARC-Record-ID") or ""),
            kind=raw.rec_type,
            url=head.get_header("WARC-Target-URI") or "",
            date=head.get_header("WARC-Date") or "",
            status=int(http.get_statuscode()) if http else None,
            headers=tuple(http.headers) if http else (),
            body=body,
            sha256=head.get_header("Jikimi-Payload-SHA256"),
            digest_ok=raw.digest_checker.passed is not False,
        )
    raise TornWarc(f"a member of {len(data)} bytes without a record")


def _bare_id(header: str) -> str:
    return header.strip("<>")


def records(path: Path) -> Iterator[Record]:
    """Read every whole record of a file; a torn end is passed over, damage inside raises.

    Raises:
        TornWarc: the file is damaged before its end.
    """
    for found in members(path):
        if isinstance(found, Member):
            yield parse(found.data)
        elif not found.torn:
            raise TornWarc(f"{path.name}: damaged at byte {found.offset}")


def read_record(path: Path, record_id: str) -> Record:
    """Return one record, found by the file's offsets (`evidence.offsets`).

    Raises:
        NoSuchRecord: no whole record has this id (or there is no such file).
    """
    return parse(_stored(path, record_id).data)


def _stored(path: Path, record_id: str) -> Member:
    found = find_member(path, _bare_id(record_id)) if path.is_file() else None
    if found is None:
        raise NoSuchRecord(f"{path.name}: no record {record_id}")
    return found


class WarcFile:
    """A WARC file opened for appending by this process alone.

    Opening cuts off a torn last record; nothing before it is touched. A file damaged elsewhere is left as it is and
    refused, because appending to it would hide the damage.

    Args:
        path: the file, ``*.warc.gz``; made with its folders when new.
        about: what stands in the ``warcinfo`` record beside the software (job, market ...).

    Raises:
        TornWarc: the file is damaged before its end, or another process is writing it.
    """

    def __init__(self, path: Path, about: dict[str, str] | None = None) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise TornWarc(f"{path.name}: another process is writing this file") from None
        try:
            self.cut_bytes = self._cut_torn_end()
        except BaseException:
            self._file.close()
            raise
        if path.stat().st_size == 0:
            self._write_info(about or {})

    def _cut_torn_end(self) -> int:
        for found in members(self.path):
            if isinstance(found, Damage):
                if not found.torn:
                    raise TornWarc(f"{self.path.name}: damaged at byte {found.offset}; left as it is")
                cut = self.path.stat().st_size - found.offset
                os.truncate(self.path, found.offset)
                return cut
        return 0

    def _write_info(self, about: dict[str, str]) -> None:
        buffer = io.BytesIO()
        writer = WARCWriter(buffer, gzip=False)
        software = f"jikimi {version('jikimi')} (scrapy {version('scrapy')}, warcio {version('warcio')})"
        info = {"software": software, "format": "WARC File Format 1.1", "note": NOTE_DECODED, **about}
        writer.write_record(writer.create_warcinfo_record(self.path.name, info))
        self._append(buffer.getvalue())
        self.sync()

    def write(self, answer: Answer) -> str:
        """Append one ``response`` record and return its id (``urn:uuid:...``). On disk after the next `sync`."""
        own = _own_headers(answer.body, answer.observed_at, answer.note)
        own["Jikimi-Vantage"] = _one_line(answer.vantage) or "not stated"
        if answer.ip_address:
            own["WARC-IP-Address"] = answer.ip_address
        return self._write("response", answer.url, answer.body, own, _http_headers(answer))

    def write_content(self, content: bytes, *, url: str, media_type: str, observed_at: datetime, note: str) -> str:
        """Append one ``resource`` record: bytes kept without the answer they came in. Returns its id."""
        own = _own_headers(content, observed_at, note)
        return self._write("resource", url, content, own, media_type=media_type)

    def copy(self, path: Path, record_id: str) -> None:
        """Append a record of another file byte for byte. Raises `NoSuchRecord`."""
        found = _stored(path, record_id)
        with path.open("rb") as file:
            file.seek(found.offset)
            append_whole(self._file, file.read(found.length))

    def _write(
        self, kind: str, url: str, body: bytes, own: dict[str, str], http: Any = None, *, media_type: str = ""
    ) -> str:
        buffer = io.BytesIO()
        writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
        writer.write_record(
            writer.create_warc_record(
                url,
                kind,
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=http,
                warc_content_type=_one_line(media_type),
                warc_headers_dict=own,
            )
        )
        self._append(buffer.getvalue())
        return _bare_id(own["WARC-Record-ID"])

    def _append(self, data: bytes) -> None:
        squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
        append_whole(self._file, squeeze.compress(data) + squeeze.flush())

    def sync(self) -> None:
        """Force what was written onto the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close; gives the file free for another process."""
        if not self._file.closed:
            self.sync()
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _own_headers(body: bytes, observed_at: datetime, note: str) -> dict[str, str]:
    return {
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid4()}>",
        "WARC-Date": observed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "Jikimi-Payload-SHA256": hashlib.sha256(body).hexdigest(),
        "Jikimi-Note": _one_line(note),
    }


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n\x00]+", " ", text).strip()


def _http_headers(answer: Answer) -> Any:
    kept: list[tuple[str, str]] = []
    for name, value in answer.headers:
        shown = f"X-Archive-Orig-{name}" if name.lower() in _CODINGS else name
        kept.append((_one_line(shown), _one_line(value)))
    kept.append(("Content-Length", str(len(answer.body))))
    return StatusAndHeaders(str(answer.status), kept, protocol="HTTP/1.1")


def warc_name(job_id: str) -> str:
    """Return the path of a job's WARC file below the evidence folder; unusual characters become ``_``."""
    return f"warc/{re.sub(r'[^A-Za-z0-9._-]', '_', job_id)[:100]}.warc.gz"
