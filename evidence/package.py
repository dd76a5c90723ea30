"""A WACZ 1.1.1 file of evidence: what was kept of a few listings, to be handed to somebody who has no jikimi.

Page records are copied byte for byte out of the crawls' WARC files, so the SHA-256 in them is the one they were written
with; pictures, screenshots and what came without an HTTP answer stand as ``resource`` records. Everything is hashed on
its way in, and what no longer is as it was written stops the export. The file is made by ``wacz``, the tool of the
format's authors, which lives in an environment of its own (``scripts/setup``): its packages and ours would get in each
other's way. Any viewer of the format opens it, e.g. replayweb.page.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import attrs

from contracts.errors import JikimiError
from evidence.store import Store
from evidence.verify import check_content, check_record
from evidence.warc import NOTE_STORED, WarcFile

WACZ_SECONDS = 600
SCREENSHOT = "urn:view:"  # how web archives name a picture of a page
ACCOUNT = "evidence.json"


class NoWaczTool(JikimiError):
    """The ``wacz`` tool is not installed."""

    def __str__(self) -> str:
        return f"the wacz tool is not at {self.args[0]}: run scripts/setup, or set JIKIMI_WACZ to where it is"


class NotPackaged(JikimiError):
    """No WACZ file was made; the message says why."""


@attrs.frozen(kw_only=True)
class Page:
    """One look at a listing: a page in a WARC file or, without ``warc``, bytes in the store.

    ``sha256`` is empty where a look brought a screenshot alone.
    """

    url: str
    title: str
    observed_at: datetime
    sha256: str
    warc: str = ""
    record_id: str = ""
    screenshot_sha256: str = ""

    @property
    def where(self) -> str:
        """The address it is found by in the package."""
        return self.url or f"urn:sha256:{self.sha256}"


@attrs.frozen(kw_only=True)
class Picture:
    """A stored picture. ``observed_at``: when the listing was first seen to show it."""

    url: str
    media_type: str
    observed_at: datetime
    sha256: str


def check_page(root: Path, page: Page) -> str:
    """Hash a capture's body again; return what is wrong with it in words, an empty text when it is as written."""
    if page.warc:
        return check_record(root / page.warc, page.record_id, page.sha256)
    return check_content(Store(root), page.sha256) if page.sha256 else ""


def package(
    root: Path, out: Path, *, title: str, pages: Sequence[Page], pictures: Iterable[Picture], account: object
) -> None:
    """Write the WACZ file ``out``; it appears only when it is whole.

    Args:
        root: the evidence folder.
        out: the file to be made; replaced if it is there.
        title: what the package is called.
        pages: captures; their screenshots come along.
        pictures: pictures to come along.
        account: anything JSON can say, kept in the package as ``logs/evidence.json`` for a reader without tools.

    Raises:
        NotPackaged: a record, picture or screenshot is missing or changed, or ``wacz`` refused.
        NoWaczTool: ``wacz`` is not installed.
    """
    tool = wacz_tool()
    with tempfile.TemporaryDirectory(prefix="jikimi-wacz-") as folder:
        work = Path(folder)
        _write_warc(root, work / "evidence.warc.gz", title, pages, pictures)
        (work / "pages.jsonl").write_text(_pages_jsonl(title, pages), encoding="utf-8")
        (work / "logs").mkdir()
        told = json.dumps(account, ensure_ascii=False, indent=1)
        (work / "logs" / ACCOUNT).write_text(told, encoding="utf-8")
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = out.with_name(f".{out.name}.draft")
        try:
            command = ["create", "-o", str(draft), "-p", "pages.jsonl", "-l", "logs", "--title", title]
            _run(tool, [*command, "evidence.warc.gz"], work)
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)


def validate(path: Path) -> str:
    """Let the ``wacz`` tool check a WACZ file and return what it says. Raises `NotPackaged` when it is not valid."""
    return _run(wacz_tool(), ["validate", "-f", str(path.resolve())], path.parent)


def wacz_tool() -> Path:
    """Return where the ``wacz`` command is. Raises `NoWaczTool`."""
    path = Path(os.environ.get("JIKIMI_WACZ") or Path(sys.prefix) / "tools" / "wacz" / "bin" / "wacz")
    if not path.is_file():
        raise NoWaczTool(path)
    return path


def _write_warc(root: Path, path: Path, title: str, pages: Sequence[Page], pictures: Iterable[Picture]) -> None:
    store = Store(root)
    with WarcFile(path, {"title": title, "exported": datetime.now(UTC).isoformat(timespec="seconds")}) as warc:
        done: set[str] = set()
        for page in pages:
            _refuse(f"the page {page.where} of {page.observed_at:%Y-%m-%d %H:%M}", check_page(root, page))
            if page.warc and page.record_id not in done:
                warc.copy(root / page.warc, page.record_id)
                done.add(page.record_id)
            elif page.sha256 and not page.warc:
                _add(warc, store, page.where, _kind(store.get(page.sha256)), page.observed_at, page.sha256)
            if page.screenshot_sha256:
                _add(warc, store, SCREENSHOT + page.where, "image/png", page.observed_at, page.screenshot_sha256)
        for picture in pictures:
            _add(warc, store, picture.url, picture.media_type, picture.observed_at, picture.sha256)


def _add(warc: WarcFile, store: Store, url: str, media_type: str, observed_at: datetime, sha256: str) -> None:
    _refuse(f"the content of {url}", check_content(store, sha256))
    content = store.get(sha256)
    warc.write_content(content, url=url, media_type=media_type, observed_at=observed_at, note=NOTE_STORED)


def _kind(content: bytes) -> str:
    return "application/json" if content.lstrip()[:1] in {b"{", b"["} else "text/html"


def _refuse(what: str, problem: str) -> None:
    if problem:
        raise NotPackaged(f"{what} is not as it was written: {problem}")


def _pages_jsonl(title: str, pages: Sequence[Page]) -> str:
    lines: list[dict[str, str]] = [{"format": "json-pages-1.0", "id": "pages", "title": title}]
    for page in pages:
        if page.url and page.sha256:
            seen = page.observed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            lines.append({"url": page.url, "ts": seen, "title": page.title, "sha256": page.sha256})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _run(tool: Path, arguments: list[str], folder: Path) -> str:
    environment = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603 (the operator's own tool, our own arguments)
        [str(tool.absolute()), *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WACZ_SECONDS,
        check=False,
    )
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0 or "Invalid passed page" in said:
        raise NotPackaged(f"wacz {arguments[0]}: {said[-500:]}")
    return said
