"""The spool of one job: what the crawl hands back, line by line, and what it resumes from.

Files in ``job.spool_dir``: ``listings.jsonl``, ``seen.jsonl`` and ``pages.jsonl`` (what ``listings`` takes in),
``frontier.jsonl`` and ``traffic.json`` (our own: listings found on result pages whose own page is to be fetched, result
pages to follow, robots.txt; bytes and requests), ``progress.json`` and, at the end, ``stats.json``. A line is one
append in one system call, so a kill leaves at most one torn line at the end of each file, which is cut off on resume.
Order makes the rest: a listing is written before its page, a page's finds before the page; so at worst a page is
fetched twice, never is a listing lost or told twice. Lines are forced to disk every two seconds, after the WARC records
they speak of: a power failure may cost that much.

Memory holds a few bytes for each listing (`crawlers.keys`); listings that wait are read back from the frontier.
"""

from __future__ import annotations

import contextlib
import json
import logging
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import attrs
from pydantic import BaseModel

from contracts.job import CaptureRef, Job, Progress, RobotsAnswer, SpoolListing, SpoolPage, SpoolSeen
from contracts.listing import AccessRung, Listing, PageOutcome
from crawlers.account import Account, Traffic
from crawlers.keys import Keys
from crawlers.lines import Lines
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


class Spool:
    """A job's spool and WARC file, opened by the one process that runs the job.

    Args:
        job: the job; an earlier, killed run of it is read first.
        traffic: returns what this process has sent and received so far.

    Raises:
        TornWarc: another process runs this job, or its WARC file is damaged.
    """

    def __init__(self, job: Job, traffic: Callable[[], Traffic] = Traffic) -> None:
        self.job = job
        self.folder = Path(job.spool_dir)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.warc_path = warc_name(job.job_id)
        # The WARC's lock is taken first: two processes on one job would double every line.
        self.warc = WarcFile(Path(job.evidence_dir) / self.warc_path, {"job": job.job_id, "market": job.market})
        (self.folder / "stats.json").unlink(missing_ok=True)
        self._listings = Lines(self.folder / "listings.jsonl")
        self._seen = Lines(self.folder / "seen.jsonl")
        self._pages = Lines(self.folder / "pages.jsonl")
        self._frontier = Lines(self.folder / "frontier.jsonl")
        self.told = Keys()  # listings that are in the spool
        self.unchanged = Keys()  # known listings that are as they were
        self.settled = Keys()  # addresses that need not be fetched again
        self.account = Account()
        self._followed = Keys()  # result pages that a page led to
        self._met = Keys()  # listings found whose own page is asked for
        self._waiting = array("Q")  # where in the frontier they stand
        self._next = 0
        self._under_way: dict[str, Card] = {}
        self._traffic = traffic
        self._traffic_before = self._read_traffic()
        self.started_at = datetime.now(UTC)
        self._synced = self._progressed = monotonic()
        self._resume()

    # -- taking up what an earlier attempt left -----------------------------------------------------------------------

    def _resume(self) -> None:
        for _, data in self._listings.read():
            self._take(SpoolListing.model_validate(data))
        for _, data in self._seen.read():
            if data["unchanged"]:
                self.unchanged.add(data["listing_id"])
        ended = self._ended()
        fetched = Keys()
        for number, (_, data) in enumerate(self._pages.read()):
            page = SpoolPage.model_validate(data)
            if number == ended:
                self.account.blocks_in_a_row = 0  # that attempt was over: this one may try the wall again
            self.account.count_page(page)
            if page.outcome not in _TRY_AGAIN:
                self.settled.add(page.url)
                if page.outcome is not PageOutcome.REFUSED:
                    fetched.add(page.url)
        if ended == sum(self.account.outcomes.values()):
            self.account.blocks_in_a_row = 0
        begun = self._read_frontier(fetched)
        if begun:
            logger.info("Resuming: %d pages and %d listings are in the spool", self.pages, self.account.listings)
        else:
            self._frontier.append(json.dumps({"started_at": self.started_at.isoformat()}))

    def _ended(self) -> int:
        """Return how many pages there were when an attempt last came to its end."""
        return max((entry["ended"] for _, entry in self._frontier.read() if "ended" in entry), default=-1)

    def _read_frontier(self, fetched: Keys) -> bool:
        begun = False
        for offset, entry in self._frontier.read():
            if "card" in entry:
                key, url = entry["key"], entry["card"]["url"]
                self._met.add(key)
                if key not in self.told and key not in self.unchanged and url not in fetched:
                    self._waiting.append(offset)
            elif "follow" in entry:
                self._followed.add(_page_key(entry["follow"], entry["page"]))
            elif "new" in entry:
                self.account.count_new(entry["watch"], entry["new"])
            elif "robots" in entry:
                self.account.robots[entry["robots"]] = RobotsAnswer.model_validate(entry["answer"])
            elif "started_at" in entry:
                begun, self.started_at = True, datetime.fromisoformat(entry["started_at"])
        return begun

    def _read_traffic(self) -> Traffic:
        try:
            return Traffic.model_validate_json((self.folder / "traffic.json").read_bytes())
        except (OSError, ValueError):
            return Traffic()

    # -- what there is ------------------------------------------------------------------------------------------------

    @property
    def pages(self) -> int:
        """How many pages were fetched; refused ones were not."""
        return self.account.pages

    @property
    def waiting(self) -> int:
        """How many listings were found whose own page is not yet settled."""
        return len(self._waiting) - self._next + len(self._under_way)

    @property
    def under_way(self) -> int:
        """How many listings were handed out by `next_card` and are not settled."""
        return len(self._under_way)

    def has(self, key: str) -> bool:
        """Tell whether a listing was met: told, waiting, or known to be as it was."""
        return key in self.told or key in self._met or key in self.unchanged

    def led_to(self, watch_id: str, number: int) -> bool:
        """Tell whether a page led to result page ``number`` of a watch."""
        return _page_key(watch_id, number) in self._followed

    def next_card(self) -> Card | None:
        """Return a listing that waits; it is under way until `settle`."""
        while self._next < len(self._waiting):
            card = Card.from_json(self._frontier.at(self._waiting[self._next])["card"])
            self._next += 1
            if card.key not in self.told and card.key not in self.unchanged:
                self._under_way[card.key] = card
                return card
        return None

    def settle(self, card: Card) -> None:
        """Note that nothing more is to be done for a listing that was under way."""
        self._under_way.pop(card.key, None)

    def left(self) -> Iterator[Card]:
        """Take every listing that still waits, those under way first."""
        while self._under_way:
            yield self._under_way.pop(next(iter(self._under_way)))
        while card := self.next_card():
            self.settle(card)
            yield card

    # -- what is handed back ------------------------------------------------------------------------------------------

    def capture(self, answer: Answer) -> str:
        """Keep an answer in the WARC file; returns its record id."""
        return self.warc.write(answer)

    def found(self, card: Card) -> None:
        """Note a listing whose own page is to be fetched."""
        entry = json.dumps({"key": card.key, "card": card.to_json()}, ensure_ascii=False)
        self._waiting.append(self._frontier.append(entry))
        self._met.add(card.key)

    def follow(self, watch_id: str, number: int) -> None:
        """Note that a watch goes on to result page ``number``."""
        self._followed.add(_page_key(watch_id, number))
        self._frontier.append(json.dumps({"follow": watch_id, "page": number}))

    def new_rows(self, watch_id: str, new: int) -> None:
        """Note how many rows of a result page no crawl has seen before."""
        if new:
            self.account.count_new(watch_id, new)
            self._frontier.append(json.dumps({"watch": watch_id, "new": new}))

    def robots(self, host: str, answer: RobotsAnswer) -> None:
        """Note what a host's robots.txt answered."""
        self.account.robots[host] = answer
        self._frontier.append(json.dumps({"robots": host, "answer": answer.model_dump(mode="json")}))

    def same(self, key: str, watch_id: str, **asked: str | None) -> None:
        """Note a known listing that is as it was; ``asked`` are what its own page answered, as in `SpoolSeen`."""
        if self.unchanged.add(key):
            self._see(key, watch_id, unchanged=True, **asked)

    def also(self, key: str, watch_id: str) -> None:
        """Note that a further watch found a listing."""
        self._see(key, watch_id, unchanged=False)

    def _see(self, key: str, watch_id: str, *, unchanged: bool, **asked: str | None) -> None:
        now = datetime.now(UTC)
        line = SpoolSeen(watch_id=watch_id, listing_id=key, observed_at=now, unchanged=unchanged, **asked)
        self._seen.append(_dump(line))

    def listing(self, key: str, line: SpoolListing) -> None:
        """Hand back a listing; a second time is passed over."""
        if key in self.told:
            return
        self._listings.append(_dump(line))
        self.told.add(key)
        self._take(line)

    def _take(self, line: SpoolListing) -> None:
        listing = line.listing
        if listing.get("listing_id"):
            self.told.add(listing["listing_id"])
        else:
            fingerprint = Listing.from_json(listing).fingerprint()
            self.told.add(line.capture.url)
            self.told.add(f"{line.capture.body_sha256} {fingerprint}")
        self.account.count_listing(line)

    def page(self, line: SpoolPage) -> None:
        """Hand back what became of a page."""
        self._pages.append(_dump(line))
        self.account.count_page(line)
        if line.outcome not in _TRY_AGAIN:
            self.settled.add(line.url)
        now = monotonic()
        if now - self._synced > SYNC_SECONDS:
            self.sync()
        if now - self._progressed > PROGRESS_SECONDS:
            self.tell_progress()

    def tell_progress(self) -> None:
        """Write ``progress.json`` and ``traffic.json``."""
        self._progressed = monotonic()
        account = self.account
        progress = Progress(
            job_id=self.job.job_id,
            started_at=self.started_at,
            updated_at=datetime.now(UTC),
            pages=self.pages,
            budget=self.job.page_budget,
            listings=account.listings,
            unchanged=len(self.unchanged),
            waiting=self.waiting,
            images=len(account.pictures),
            blocked=account.outcomes[PageOutcome.BLOCKED],
        )
        self._replace("progress.json", progress)
        self._replace("traffic.json", self._traffic_before.plus(self._traffic()))

    def _replace(self, name: str, content: BaseModel) -> None:
        draft = self.folder / f".{name}"
        draft.write_text(_dump(content), encoding="utf-8")
        draft.replace(self.folder / name)

    def sync(self) -> None:
        """Force everything onto the disk, evidence first."""
        self.warc.sync()
        for lines in (self._listings, self._seen, self._frontier, self._pages):
            lines.sync()
        self._synced = monotonic()

    def finish(self, reason: str, errors: int, rung: AccessRung | None) -> None:
        """Write ``stats.json``: the crawl is over."""
        stats = self.account.stats(
            self.job,
            started_at=self.started_at,
            reason=reason,
            errors=errors,
            unchanged=len(self.unchanged),
            traffic=self._traffic_before.plus(self._traffic()),
            rung=rung,
        )
        self._frontier.append(json.dumps({"ended": sum(self.account.outcomes.values())}))
        self.sync()
        self._replace("stats.json", stats)

    def close(self) -> None:
        """Write the last progress, if there is room for it, and let go of the files."""
        with contextlib.suppress(OSError):
            self.tell_progress()
        self.warc.close()
        for lines in (self._listings, self._seen, self._frontier, self._pages):
            lines.close()


def _page_key(watch_id: str, number: int) -> str:
    return f"{watch_id} {number}"


def _dump(line: BaseModel) -> str:
    return line.model_dump_json()
