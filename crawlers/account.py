"""A crawl's own account of itself, counted line by line so that a resumed crawl comes to the same sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import attrs
from pydantic import BaseModel

from contracts.job import Job, Missing, RobotsAnswer, RunStats, SpoolListing, SpoolPage, Yield
from contracts.listing import AccessRung, Listing, PageOutcome
from crawlers.keys import Keys

MOST_ROWS = 500
# What jikimi itself writes into a listing says nothing of what the page showed.
_OURS = frozenset({"market", "site", "language", "observed_at", "rung", "parser", "warnings"})
FIELDS = tuple(field.name for field in attrs.fields(Listing) if field.name not in _OURS)
_READ = frozenset({PageOutcome.OK, PageOutcome.EMPTY})
_STATUS = "downloader/response_status_count/"


class Traffic(BaseModel):
    """What went over the line: kept in ``traffic.json``, because no other file of the spool tells it.

    A kill may lose what was counted in the last half second.
    """

    requests: int = 0
    retries: int = 0
    downloaded_bytes: int = 0
    statuses: dict[str, int] = {}

    @classmethod
    def of(cls, stats: Mapping[str, Any]) -> Traffic:
        """Read Scrapy's own counts."""
        return cls(
            requests=stats.get("downloader/request_count", 0),
            retries=stats.get("retry/count", 0),
            downloaded_bytes=stats.get("downloader/response_bytes", 0),
            statuses={name.removeprefix(_STATUS): count for name, count in stats.items() if name.startswith(_STATUS)},
        )

    def plus(self, other: Traffic) -> Traffic:
        """Return the sum."""
        return Traffic(
            requests=self.requests + other.requests,
            retries=self.retries + other.retries,
            downloaded_bytes=self.downloaded_bytes + other.downloaded_bytes,
            statuses=dict(Counter(self.statuses) + Counter(other.statuses)),
        )


@attrs.define
class Account:
    """Counts of one run; everything is fed from lines of the spool, new ones and those of an earlier attempt."""

    outcomes: Counter[PageOutcome] = attrs.field(factory=Counter)
    fields: Counter[str] = attrs.field(factory=Counter)
    parsers: Counter[str] = attrs.field(factory=Counter)
    missing: dict[str, Missing] = attrs.field(factory=dict)
    blocks: Counter[str] = attrs.field(factory=Counter)
    rows: list[int] = attrs.field(factory=list)
    yields: dict[str, Counter[str]] = attrs.field(factory=dict)
    robots: dict[str, RobotsAnswer] = attrs.field(factory=dict)
    pictures: Keys = attrs.field(factory=Keys)
    listings: int = 0
    blocks_in_a_row: int = 0

    @property
    def pages(self) -> int:
        """How many pages were fetched; refused ones were not."""
        return sum(self.outcomes.values()) - self.outcomes[PageOutcome.REFUSED]

    def count_listing(self, line: SpoolListing) -> None:
        """Count a listing told."""
        self.listings += 1
        self.fields.update(line.listing.keys())
        self.parsers[line.listing.get("parser", "")] += 1
        for name in FIELDS:
            if name not in line.listing and name not in self.missing:
                capture = line.capture
                self.missing[name] = Missing(
                    url=capture.url,
                    body_sha256=capture.body_sha256,
                    warc=capture.warc,
                    record_id=capture.record_id,
                    watch_id=line.watch_id,
                )
        for picture in line.images:
            if picture.sha256:
                self.pictures.add(picture.sha256)

    def count_page(self, line: SpoolPage) -> None:
        """Count a page told."""
        self.outcomes[line.outcome] += 1
        if line.outcome is PageOutcome.BLOCKED:
            self.blocks[line.reason] += 1
            self.blocks_in_a_row += 1
        elif line.outcome in _READ or line.outcome is PageOutcome.REMOVED:
            self.blocks_in_a_row = 0
        if line.result_page is not None and line.outcome in _READ:
            if len(self.rows) < MOST_ROWS:
                self.rows.append(line.listings)
            self._of(line.watch_id).update(pages=1, rows=line.listings)

    def count_new(self, watch_id: str, new: int) -> None:
        """Count rows of a result page that no crawl has seen before."""
        self._of(watch_id)["new"] += new

    def _of(self, watch_id: str) -> Counter[str]:
        return self.yields.setdefault(watch_id, Counter())

    def stats(
        self,
        job: Job,
        *,
        started_at: datetime,
        reason: str,
        errors: int,
        unchanged: int,
        traffic: Traffic,
        rung: AccessRung | None,
    ) -> RunStats:
        """Return the account as it is handed over."""
        whole = self.listings
        return RunStats(
            job_id=job.job_id,
            market=job.market,
            started_at=started_at,
            finished_at=datetime.now(UTC),
            finish_reason=reason,
            pages=dict(self.outcomes),
            listings=whole,
            unchanged=unchanged,
            images=len(self.pictures),
            field_coverage={name: round(self.fields[name] / whole, 4) for name in FIELDS} if whole else {},
            errors=errors,
            requests=traffic.requests,
            retries=traffic.retries,
            downloaded_bytes=traffic.downloaded_bytes,
            statuses=traffic.statuses,
            blocks=dict(self.blocks),
            rows_per_page=tuple(self.rows),
            parsers={name: count for name, count in self.parsers.items() if name},
            missing=self.missing,
            robots=self.robots,
            watches={watch_id: Yield(**counts) for watch_id, counts in self.yields.items()},
            rung=rung,
        )
