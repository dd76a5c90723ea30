"""What became of the sandbox's offers, added up per region and tactic. Needs no database, so that benches import it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import attrs

from contracts.market import manifests


class Truth(Protocol):
    """What the sandbox knows of one of its offers."""

    @property
    def market(self) -> str:
        """Where it is offered."""

    @property
    def listing_id(self) -> str:
        """Its number there."""

    @property
    def label(self) -> str:
        """What it really is."""

    @property
    def brand(self) -> str | None:
        """Slug of the brand it copies, sells or speaks of."""

    @property
    def tactic(self) -> str | None:
        """How a counterfeit is kept from being found."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of one offer: whether anybody's crawl fetched it, and the brands it was flagged for, with grounds."""

    truth: Truth
    seen: bool
    flags: Mapping[str, str]

    @property
    def is_fake(self) -> bool:
        """Tell whether it is a counterfeit."""
        return self.truth.label == "counterfeit"

    @property
    def found(self) -> bool:
        """Tell whether it is a counterfeit that was flagged for the brand it copies."""
        return self.is_fake and self.truth.brand in self.flags

    @property
    def wrong(self) -> int:
        """Count the flags that are not of a counterfeit of that very brand."""
        return len(self.flags) - self.found


@attrs.frozen(kw_only=True)
class Count:
    """Outcomes added up."""

    fakes: int
    seen: int
    found: int
    wrong: int

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Count:
        """Add outcomes up."""
        rows = list(outcomes)
        fakes = [row for row in rows if row.is_fake]
        return cls(
            fakes=len(fakes),
            seen=sum(row.seen for row in fakes),
            found=sum(row.found for row in fakes),
            wrong=sum(row.wrong for row in rows),
        )


def by_region(rows: Iterable[Outcome]) -> dict[str, Count]:
    """Add outcomes up per region of the marketplace."""
    regions = {manifest.id: str(manifest.region) for manifest in manifests().values()}
    return _counted(rows, lambda row: regions[row.truth.market])


def by_tactic(rows: Iterable[Outcome]) -> dict[str, Count]:
    """Add the outcomes of counterfeits up per tactic."""
    return _counted((row for row in rows if row.is_fake), lambda row: row.truth.tactic or "")


def _counted(rows: Iterable[Outcome], name_of: Callable[[Outcome], str]) -> dict[str, Count]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for row in rows:
        groups[name_of(row)].append(row)
    return {name: Count.of(group) for name, group in sorted(groups.items())}
