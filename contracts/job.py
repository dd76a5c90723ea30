"""What ``jobs`` hands to a crawl (``job.json``) and what a crawl hands back (the spool)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.config import problems_of
from contracts.errors import ManyBadInputs
from contracts.known import Known, write_known
from contracts.listing import AccessRung, PageOutcome

__all__ = [
    "SPIDER_OF", "CaptureRef", "ImageRef", "Job", "Known", "Missing", "Progress", "RobotsAnswer", "RunStats",
    "SpoolListing", "SpoolPage", "SpoolSeen", "Watch", "WatchKind", "Yield",
]  # fmt: skip


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WatchKind(StrEnum):
    """What a watch looks for; it decides the spider."""

    SEARCH = "search"
    CATEGORY = "category"
    IMAGE = "image"
    SELLER = "seller"
    LISTING = "listing"


# Which spider visits what: result pages, shops, single listings.
SPIDER_OF = {
    WatchKind.SEARCH: "search",
    WatchKind.CATEGORY: "search",
    WatchKind.IMAGE: "search",
    WatchKind.SELLER: "seller",
    WatchKind.LISTING: "listing",
}


class Watch(_Plain):
    """One thing to look for on one market.

    ``term`` is, as ``kind`` says, a search term, the path of a category page, the SHA-256 of a picture in the evidence
    store, a seller id or a listing id. ``pages`` is the budget of this watch.
    ``why`` is shown to people ("mark 'Haneul' in Latin script").
    """

    watch_id: str
    kind: WatchKind
    term: str
    site: str
    pages: Annotated[int, Field(ge=1, le=500)] = 3
    why: str = ""


class Job(_Plain):
    """One crawl of one market, written as ``job.json`` into its folder.

    ``origins`` replaces a site's ``https://domain`` by an address for tests and the sandbox; those exact hosts and
    ports are the only private addresses that may be fetched.
    """

    job_id: str
    market: str
    watches: tuple[Watch, ...]
    page_budget: Annotated[int, Field(ge=1)] = 200
    contact: str
    origins: Mapping[str, str] = Field(default_factory=dict)
    known: Mapping[str, Known] = Field(default_factory=dict)
    known_file: str | None = None  # where `write` put ``known``: a crawl looks listings up one by one
    evidence_dir: str
    spool_dir: str
    delay_seconds: float | None = None  # only ever slower than the manifest, except on a sandbox origin

    def write(self, folder: Path) -> Path:
        """Write ``job.json`` into ``folder``, and ``known.sqlite`` beside it; return the path of ``job.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "job.json"
        job = self
        if self.known:
            known_file = write_known(folder / "known.sqlite", self.known)
            job = self.model_copy(update={"known": {}, "known_file": str(known_file)})
        path.write_text(job.model_dump_json(indent=1), encoding="utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> Job:
        """Read a ``job.json``.

        Raises:
            ManyBadInputs: every field that does not fit.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise ManyBadInputs(problems_of(str(path), error)) from None


class CaptureRef(_Plain):
    """Where the raw bytes behind a listing lie in the evidence store."""

    url: str
    observed_at: datetime
    rung: AccessRung
    status: int | None
    body_sha256: str
    warc: str  # path of the WARC file below the evidence folder
    record_id: str
    screenshot_sha256: str | None = None
    vantage: str = ""


class ImageRef(_Plain):
    """One picture of a listing: its bytes in the evidence store, or why there are none."""

    url: str
    sha256: str | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    problem: str | None = None  # e.g. "12000 x 12000 pixels: more than the limit"


class SpoolListing(_Plain):
    """One line of ``listings.jsonl``: a listing as JSON with its capture and pictures.

    The last three feed `Known` of the next crawl; ``card_fingerprint`` is there when the listing's own page was read.
    """

    job_id: str
    watch_id: str
    listing: dict[str, Any]
    capture: CaptureRef
    images: tuple[ImageRef, ...] = ()
    card_fingerprint: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class SpoolPage(_Plain):
    """One line of ``pages.jsonl``: what became of one page."""

    job_id: str
    watch_id: str
    url: str
    outcome: PageOutcome
    observed_at: datetime
    listings: int = 0
    listing_id: str | None = None  # the page of one listing: what *removed* speaks of
    result_page: int | None = None  # a result page: its number within its watch, from 0
    reason: str = ""
    rung: AccessRung = AccessRung.HTTP
    body_sha256: str | None = None


class SpoolSeen(_Plain):
    """One line of ``seen.jsonl``: a listing that needs no second line in ``listings.jsonl`` and yet was seen.

    Either it is as the last crawl left it (``unchanged``), or a further watch found what another had found.
    """

    watch_id: str
    listing_id: str
    observed_at: datetime
    unchanged: bool = False
    card_fingerprint: str | None = None  # these three where the listing's own page was asked and is as it was
    etag: str | None = None
    last_modified: str | None = None


class Progress(_Plain):
    """``progress.json``: how far a running crawl is, renewed every half second or so; for progress bars."""

    job_id: str
    started_at: datetime
    updated_at: datetime
    pages: int = 0
    budget: int  # pages
    listings: int = 0
    unchanged: int = 0
    waiting: int = 0  # listings found whose own page is still to be fetched
    images: int = 0
    blocked: int = 0

    @classmethod
    def read(cls, path: Path) -> Progress:
        """Read a ``progress.json``; raises `OSError` or `pydantic.ValidationError`."""
        return cls.model_validate_json(path.read_bytes())


class RobotsAnswer(_Plain):
    """What a host's robots.txt answered at the start of a run; the bytes lie in the evidence store."""

    observed_at: datetime
    status: int | None  # None: no answer, which counts as a no
    sha256: str | None = None
    crawl_delay: float | None = None


class Missing(_Plain):
    """A page of this run on which a field that is usually shown was not read, to look at when coverage falls."""

    url: str
    body_sha256: str
    warc: str = ""
    record_id: str = ""
    watch_id: str = ""  # whose look it was: its address gives away what was looked for, so only they are shown it


class Yield(_Plain):
    """What one watch brought in a run: result pages read, rows on them, rows never seen before."""

    pages: int = 0
    rows: int = 0
    new: int = 0


class RunStats(_Plain):
    """``stats.json``: the crawl's own account, written when it ends; a crawl without it was killed or stopped.

    ``finish_reason``: ``finished``; ``budget`` (pages were left for want of budget); ``blocked`` (a wall, several times
    in a row); ``no_rung`` (the manifest declares no way a crawl can go); ``disk_full`` (goes on when it is run again);
    or Scrapy's own word.
    """

    job_id: str
    market: str
    started_at: datetime
    finished_at: datetime
    finish_reason: str
    pages: Mapping[PageOutcome, int] = Field(default_factory=dict)
    listings: int = 0
    unchanged: int = 0
    images: int = 0
    field_coverage: Mapping[str, float] = Field(default_factory=dict)
    errors: int = 0
    requests: int = 0  # everything asked for, pictures and robots.txt included
    retries: int = 0
    downloaded_bytes: int = 0
    statuses: Mapping[str, int] = Field(default_factory=dict)  # HTTP status -> answers
    blocks: Mapping[str, int] = Field(default_factory=dict)  # name of a wall -> pages
    rows_per_page: tuple[int, ...] = ()  # listings on each result page read, in order; at most 500 are kept
    parsers: Mapping[str, int] = Field(default_factory=dict)  # page object -> listings: a shift to a weaker one shows
    missing: Mapping[str, Missing] = Field(default_factory=dict)  # field -> a page without it
    robots: Mapping[str, RobotsAnswer] = Field(default_factory=dict)  # host -> answer
    watches: Mapping[str, Yield] = Field(default_factory=dict)  # watch id -> what it brought
    rung: AccessRung | None = None

    @classmethod
    def read(cls, path: Path) -> RunStats:
        """Read a ``stats.json``; raises `pydantic.ValidationError` when it is torn."""
        return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
