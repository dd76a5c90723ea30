"""Everything the room says in words, kept as a code with its values and worded in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs
from django.utils import translation
from django.utils.translation import gettext_lazy as _


class WatchReason(StrEnum):
    """Why something is watched."""

    MARK = "mark"
    MISSPELLING = "misspelling"
    GOODS = "goods"
    CATEGORY = "category"
    PICTURE = "picture"
    SELLER = "seller"
    SUSPECT = "suspect"
    LISTING = "listing"


WATCH_REASONS: Mapping[str, Any] = {
    WatchReason.MARK: _("mark %(about)s"),
    WatchReason.MISSPELLING: _("%(about)s, written wrongly or in disguise"),
    WatchReason.GOODS: _("goods of %(about)s, without the name"),
    WatchReason.CATEGORY: _("shelf of Nice class %(about)s"),
    WatchReason.PICTURE: _("registered picture of %(about)s"),
    WatchReason.SELLER: _("sold a counterfeit: %(about)s"),
    WatchReason.SUSPECT: _("suspected, nobody decided yet: shop %(about)s"),
    WatchReason.LISTING: _("decided to be a counterfeit: %(about)s"),
}


class Problem(StrEnum):
    """What fell short in a run, or in a market."""

    BLOCKED_PAGES = "blocked_pages"
    NO_STATISTICS = "no_statistics"
    WORKER_GONE = "worker_gone"
    NO_PAGE_READ = "no_page_read"
    NOTHING_TO_LOOK_FOR = "nothing_to_look_for"
    ERRORS = "errors"
    ENDED_EARLY = "ended_early"
    NO_RUNG = "no_rung"
    FIELD_BELOW_MINIMUM = "field_below_minimum"
    FIELD_FELL = "field_fell"
    ROWS_BELOW_MINIMUM = "rows_below_minimum"
    ROWS_ABOVE_MAXIMUM = "rows_above_maximum"
    ROWS_FELL = "rows_fell"
    EMPTIES_ROSE = "empties_rose"
    LISTINGS_FELL = "listings_fell"
    PARSER_SHIFTED = "parser_shifted"
    BLOCKS_ROSE = "blocks_rose"
    RUN_BLOCKED = "run_blocked"
    RUN_FAILED = "run_failed"
    NEVER_RUN = "never_run"
    NOT_SCHEDULED = "not_scheduled"
    NO_GOOD_RUN_FOR = "no_good_run_for"


PROBLEMS: Mapping[str, Any] = {
    Problem.BLOCKED_PAGES: _("%(count)s pages were blocked"),
    Problem.NO_STATISTICS: _("the %(spider)s crawl left no statistics: it was killed or could not start"),
    Problem.WORKER_GONE: _("the worker was killed: the run goes on when the next one takes it up"),
    Problem.NO_PAGE_READ: _("not one page was read"),
    Problem.NOTHING_TO_LOOK_FOR: _("nothing to look for: no brand watches this market"),
    Problem.ERRORS: _("%(count)s errors"),
    Problem.ENDED_EARLY: _("ended early: %(why)s"),
    Problem.NO_RUNG: _("the manifest declares no way a crawl can go"),
    Problem.FIELD_BELOW_MINIMUM: _("%(field)s was read on %(share)s of listings, at least %(least)s is asked"),
    Problem.FIELD_FELL: _("%(field)s was read on %(share)s of listings, %(before)s is usual"),
    Problem.ROWS_BELOW_MINIMUM: _("%(rows)s listings on a result page, at least %(least)s are asked"),
    Problem.ROWS_ABOVE_MAXIMUM: _("%(rows)s listings on a result page, at most %(most)s are possible"),
    Problem.ROWS_FELL: _("%(rows)s listings on a result page, %(before)s are usual"),
    Problem.EMPTIES_ROSE: _("%(share)s of result pages were without results, %(before)s is usual"),
    Problem.LISTINGS_FELL: _("%(count)s listings were seen, %(before)s are usual"),
    Problem.PARSER_SHIFTED: _("%(parser)s read %(share)s of listings, %(before)s is usual"),
    Problem.BLOCKS_ROSE: _("%(share)s of pages were blocked, %(before)s is usual"),
    Problem.RUN_BLOCKED: _("the marketplace turned the last run away"),
    Problem.RUN_FAILED: _("the last run failed"),
    Problem.NEVER_RUN: _("never run"),
    Problem.NOT_SCHEDULED: _("not scheduled"),
    Problem.NO_GOOD_RUN_FOR: _("no run got through for %(hours)s hours, one is due every %(every)s"),
}

FIELD_LABELS: Mapping[str, Any] = {
    "title": _("title"),
    "listing_id": _("listing id"),
    "url": _("address"),
    "price": _("price"),
    "currency": _("currency"),
    "image_urls": _("pictures"),
    "seller_id": _("seller id"),
    "seller_name": _("seller"),
    "description": _("description"),
    "condition": _("condition"),
    "location": _("location"),
}


@attrs.frozen
class Reason:
    """A problem with its values; ``str()`` words it in the language in force."""

    code: Problem
    values: Mapping[str, Any] = attrs.field(factory=dict)

    def __str__(self) -> str:
        return str(PROBLEMS[self.code]) % {name: _worded(name, value) for name, value in self.values.items()}

    def to_json(self) -> dict[str, Any]:
        """Return ``{"code": ..., "values": {...}}``."""
        return {"code": str(self.code), "values": dict(self.values)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reason:
        """Read what `to_json` wrote."""
        return cls(Problem(data["code"]), data.get("values", {}))

    def sentence(self) -> dict[str, str]:
        """Return the words in both interface languages."""
        words = {}
        for language in ("en", "ko"):
            with translation.override(language):
                words[language] = str(self)
        return words


def _worded(name: str, value: Any) -> str:
    if name == "field":
        return str(FIELD_LABELS.get(value, value))
    if isinstance(value, float) and name in {"share", "least", "before"}:
        return percent(value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def percent(share: float) -> str:
    """Word a share; what is short of all is never shown as 100 %."""
    return f"{min(round(share * 100), 99 if share < 1 else 100)} %"
