"""The spool of one job: what the crawl hands back, line by line, and what it resumes from.

Files in ``job.spool_dir``: ``listings.jsonl`` and ``pages.jsonl`` (what ``listings`` takes in), ``frontier.jsonl`` (our
own: listings found on result pages whose own page is to be fetched, result pages to follow), ``progress.json`` and, at
the end, ``stats.json``. A line is one append in one system call, so a kill leaves at most one torn line at the end of
each file, which is cut off on resume. Order makes the rest: a listing is written before its page, a page's finds before
the page; so at worst a page is fetched twice, never is a listing lost or told twice. Lines are forced to disk every two
seconds, after the WARC records they speak of: a power failure may cost that much.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import attrs
from pydantic import BaseModel

from contracts.job import CaptureRef, ImageRef, Job, Progress, RunStats, SpoolListing, SpoolPage
from contracts.listing import Listing, PageOutcome
from evidence.appending import append_whole
from evidence.warc import Answer, WarcFile, warc_name

logger = logging.getLogger(__name__)

SYNC_SECONDS = 2.0
PROGRESS_SECONDS = 0.5
# A page with one of these outcomes is fetched again when its job is run again.
_TRY_AGAIN = frozenset({PageOutcome.BLOCKED, PageOutcome.FAILED})


@attrs.frozen(kw_only=True)
class Card:
    """A listing as a result page shows it, with where that page is kept and where the listing's own page is."""

    watch_id: str
    listing: Listing
    capture: CaptureRef
    url: str | None

    @property
    def key(self) -> str:
        """What tells this listing from others in a job."""
        return self.listing.listing_id or self.url or f"{self.capture.body_sha256} {self.listing.fingerprint()}"

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "watch_id": self.watch_id,
            "listing": self.listing.to_json(),
            "capture": self.capture.model_dump(mode="json"),
            "url": self.url,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Card:
        """Read what `to_json` wrote."""
        return cls(
            watch_id=data["watch_id"],
            listing=Listing.from_json(data["listing"]),
            capture=CaptureRef.model_validate(data["capture"]),
            url=data["url"],
        )


class Lines:
    """A file of JSON lines, appended one whole line at a time; opening cuts off a torn last line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            logger.warning("%s: cut a torn last line of %d bytes", path.name, len(data) - whole)
            os.truncate(path, whole)

    def read(self) -> Iterator[dict[str, Any]]:
        """Read every line; one that is no JSON (a disk's doing) is passed over with a warning."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield json.loads(line)
                except ValueError:
                    logger.warning("%s: line %d is damaged and passed over", self.path.name, number)

    def append(self, line: str) -> None:
        """Append one line, whole or not at all. Raises `OSError` when the disk is full."""
        append_whole(self._file, line.encode("utf-8", "surrogatepass") + b"\n")

    def sync(self) -> None:
        """Force what was written onto the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close."""
        self.sync()
        self._file.close()


class Spool:
    """A job's spool and WARC file, opened by the one process that runs the job.

    Args:
        job: the job; an earlier, killed run of it is read first.

    Raises:
        TornWarc: another process runs this job, or its WARC file is damaged.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.folder = Path(job.spool_dir)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.warc_path = warc_name(job.job_id)
        # The WARC's lock is taken first: two processes on one job would double every line.
        self.warc = WarcFile(Path(job.evidence_dir) / self.warc_path, {"job": job.job_id, "market": job.market})
        (self.folder / "stats.json").unlink(missing_ok=True)
        self._listings = Lines(self.folder / "listings.jsonl")
        self._pages = Lines(self.folder / "pages.jsonl")
        self._frontier = Lines(self.folder / "frontier.jsonl")
        self.told: set[str] = set()  # keys of listings that are in the spool
        self.settled: set[str] = set()  # addresses that need not be fetched again
        self.followed: set[tuple[str, int]] = set()  # (watch, result page) that a page led to
        self.cards: dict[str, Card] = {}  # found, own page not yet settled
        self.unchanged: set[str] = set()
        self.pictures: dict[str, ImageRef] = {}
        self.outcomes: Counter[PageOutcome] = Counter()
        self.fields: Counter[str] = Counter()
        self.started_at = datetime.now(UTC)
        self._synced = self._progressed = monotonic()
        self._resume()

    def _resume(self) -> None:
        for data in self._listings.read():
            self._count_listing(SpoolListing.model_validate(data))
        fetched: set[str] = set()
        for data in self._pages.read():
            page = SpoolPage.model_validate(data)
            self.outcomes[page.outcome] += 1
            if page.outcome not in _TRY_AGAIN:
                self.settled.add(page.url)
                fetched.update({page.url} if page.outcome is not PageOutcome.REFUSED else ())
        self._read_frontier()
        for key, card in list(self.cards.items()):
            if key in self.told or key in self.unchanged or card.url in fetched:
                del self.cards[key]
        if self.outcomes or self.followed:
            logger.info("Resuming: %d pages and %d listings are in the spool", self.pages, len(self.told))
        else:
            self._frontier.append(json.dumps({"started_at": self.started_at.isoformat()}))

    def _read_frontier(self) -> None:
        for entry in self._frontier.read():
            if "card" in entry:
                card = Card.from_json(entry["card"])
                self.cards[card.key] = card
            elif "unchanged" in entry:
                self.unchanged.add(entry["unchanged"])
            elif "follow" in entry:
                self.followed.add((entry["follow"], entry["page"]))
            elif "started_at" in entry:
                self.started_at = datetime.fromisoformat(entry["started_at"])

    @property
    def pages(self) -> int:
        """How many pages were fetched; refused ones were not."""
        return sum(self.outcomes.values()) - self.outcomes[PageOutcome.REFUSED]

    def capture(self, answer: Answer) -> str:
        """Keep an answer in the WARC file; returns its record id."""
        return self.warc.write(answer)

    def found(self, card: Card) -> None:
        """Note a listing whose own page is to be fetched."""
        self.cards[card.key] = card
        self._frontier.append(json.dumps({"card": card.to_json()}, ensure_ascii=False))

    def follow(self, watch_id: str, number: int) -> None:
        """Note that a watch goes on to result page ``number``."""
        self.followed.add((watch_id, number))
        self._frontier.append(json.dumps({"follow": watch_id, "page": number}))

    def same(self, key: str) -> None:
        """Note a known listing that is as it was."""
        if key not in self.unchanged:
            self.unchanged.add(key)
            self._frontier.append(json.dumps({"unchanged": key}))

    def listing(self, key: str, line: SpoolListing) -> None:
        """Hand back a listing; a second time is passed over."""
        if key in self.told:
            return
        self._listings.append(_dump(line))
        self.told.add(key)
        self._count_listing(line)

    def _count_listing(self, line: SpoolListing) -> None:
        listing = line.listing
        if listing.get("listing_id"):
            self.told.add(listing["listing_id"])
        else:
            fingerprint = Listing.from_json(listing).fingerprint()
            self.told.update((line.capture.url, f"{line.capture.body_sha256} {fingerprint}"))
        self.fields.update(("(all)", *listing))
        for picture in line.images:
            if picture.sha256:
                self.pictures[picture.url] = picture

    def page(self, line: SpoolPage) -> None:
        """Hand back what became of a page."""
        self._pages.append(_dump(line))
        self.outcomes[line.outcome] += 1
        if line.outcome not in _TRY_AGAIN:
            self.settled.add(line.url)
        now = monotonic()
        if now - self._synced > SYNC_SECONDS:
            self.sync()
        if now - self._progressed > PROGRESS_SECONDS:
            self.tell_progress()

    def tell_progress(self) -> None:
        """Write ``progress.json``."""
        self._progressed = monotonic()
        progress = Progress(
            job_id=self.job.job_id,
            started_at=self.started_at,
            updated_at=datetime.now(UTC),
            pages=self.pages,
            budget=self.job.page_budget,
            listings=self.fields["(all)"],
            unchanged=len(self.unchanged),
            waiting=len(self.cards),
            images=len(self.pictures),
            blocked=self.outcomes[PageOutcome.BLOCKED],
        )
        self._replace("progress.json", progress)

    def _replace(self, name: str, content: BaseModel) -> None:
        draft = self.folder / f".{name}"
        draft.write_text(_dump(content), encoding="utf-8")
        draft.replace(self.folder / name)

    def sync(self) -> None:
        """Force everything onto the disk, evidence first."""
        self.warc.sync()
        for lines in (self._listings, self._frontier, self._pages):
            lines.sync()
        self._synced = monotonic()

    def finish(self, reason: str, errors: int) -> None:
        """Write ``stats.json``: the job is over."""
        whole = self.fields["(all)"]
        names = (field.name for field in attrs.fields(Listing))
        stats = RunStats(
            job_id=self.job.job_id,
            market=self.job.market,
            started_at=self.started_at,
            finished_at=datetime.now(UTC),
            finish_reason=reason,
            pages=dict(self.outcomes),
            listings=whole,
            unchanged=len(self.unchanged),
            images=len({picture.sha256 for picture in self.pictures.values()}),
            field_coverage={name: round(self.fields[name] / whole, 4) for name in names} if whole else {},
            errors=errors,
        )
        self.sync()
        self._replace("stats.json", stats)

    def close(self) -> None:
        """Write the last progress, if there is room for it, and let go of the files."""
        with contextlib.suppress(OSError):
            self.tell_progress()
        self.warc.close()
        for lines in (self._listings, self._frontier, self._pages):
            lines.close()


def _dump(line: BaseModel) -> str:
    return line.model_dump_json()
