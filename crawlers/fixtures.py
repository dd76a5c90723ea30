"""The pages a page object is proven on: ``tests/crawlers/fixtures/<market>/``, beside each page what is expected of it.

The pages are our own, small and synthetic. ``NAME.expected.json`` holds ``outcome``, and where they apply ``status``
(of the answer), ``reason``, ``next_page`` and ``listings``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import attrs
from web_poet import HttpResponse

from contracts.config import CONFIG_DIR
from contracts.errors import BadInput
from contracts.listing import PageOutcome
from contracts.market import Manifest, manifests
from crawlers.reading import Reading, page_classes, read_page

FIXTURES = CONFIG_DIR.parent / "tests" / "crawlers" / "fixtures"
OWED = (PageOutcome.OK, PageOutcome.BLOCKED, PageOutcome.REMOVED)
_EXPECTED = ".expected.json"
_STATUS = re.compile(r"-(\d{3})$")


def told(reading: Reading, status: int | None = None) -> dict[str, Any]:
    """Return a reading in the form of an ``expected.json``."""
    whole: dict[str, Any] = {
        "status": status,
        "outcome": reading.outcome.value,
        "reason": reading.reason,
        "next_page": reading.next_page,
        "listings": [listing.to_json() for listing in reading.listings],
    }
    return {name: value for name, value in whole.items() if value not in (None, "", [])}


@attrs.frozen
class Fixture:
    """One page and what is expected of it."""

    page: Path

    @property
    def market(self) -> str:
        """The marketplace it is a page of: the folder's name."""
        return self.page.parent.name

    @property
    def expected_path(self) -> Path:
        """Where the expectation lies."""
        return self.page.parent / f"{self.page.stem}{_EXPECTED}"

    @property
    def expected(self) -> dict[str, Any]:
        """What is expected.

        Raises:
            BadInput: there is no such file, or it is no JSON object.
        """
        try:
            value = json.loads(self.expected_path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadInput(str(self.expected_path), "(file)", "a JSON object", str(error)) from None
        if not isinstance(value, dict):
            raise BadInput(str(self.expected_path), "(file)", "a JSON object", value)
        return value

    def read(self, *, url: str = "about:blank", status: int | None = None, **hints: Any) -> Reading:
        """Read the page with its marketplace's page objects; ``hints`` go to `read_page`."""
        answer = HttpResponse(url, self.page.read_bytes(), status=status)
        return read_page(answer, market=self.market, manifest=manifests().get(self.market), **hints)

    def differences(self) -> list[str]:
        """Return in words where the reading is not what is expected; nothing when all is."""
        want = self.expected
        have = told(self.read(status=want.get("status")), want.get("status"))
        found = [
            f"{name}: expected {_short(want.get(name))}, got {_short(have.get(name))}"
            for name in ("outcome", "reason", "next_page")
            if want.get(name) != have.get(name)
        ]
        wanted, read = want.get("listings", []), have.get("listings", [])
        if len(wanted) != len(read):
            found.append(f"expected {len(wanted)} listings, got {len(read)}")
        for number, (one, other) in enumerate(zip(wanted, read, strict=False)):
            found += [
                f"listing {number}, {name}: expected {_short(one.get(name))}, got {_short(other.get(name))}"
                for name in sorted(one.keys() | other.keys())
                if one.get(name) != other.get(name)
            ]
        return found

    def write(self) -> dict[str, Any]:
        """Write what is read now as the expectation, to be looked at by a person; return it.

        A page named ``removed-404.html`` is read as an answer of status 404.
        """
        named = _STATUS.search(self.page.stem)
        status = int(named.group(1)) if named else None
        want = told(self.read(status=status), status)
        self.expected_path.write_text(json.dumps(want, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return want


def fixtures(market: str = "*", folder: Path = FIXTURES) -> list[Fixture]:
    """Return the fixtures of one marketplace, or of all."""
    pages = sorted(path for path in folder.glob(f"{market}/*") if path.is_file() and not path.name.endswith(_EXPECTED))
    return [Fixture(page) for page in pages]


def gaps(manifest: Manifest, folder: Path = FIXTURES) -> list[str]:
    """Return what a marketplace's fixtures do not show yet: a page class, a wall, a removed page.

    Markets that share a page module prove its classes together; a wall and a removed page each has of its own.
    """
    if not manifest.page_module:
        return []
    family = {one.id for one in (*manifests().values(), manifest) if one.page_module == manifest.page_module}
    expected = {market: [fixture.expected for fixture in fixtures(market, folder)] for market in family}
    shown = {row.get("parser") for pages in expected.values() for page in pages for row in page.get("listings", ())}
    own = [page for page in page_classes(manifest) if page.lists and page.__module__.startswith("crawlers.pages.")]
    names = [f"{page.__module__.removeprefix('crawlers.')}.{page.__name__}" for page in own]
    outcomes = {page.get("outcome") for page in expected[manifest.id]}
    return [f"no fixture whose listings are read by {name}" for name in names if name not in shown] + [
        f"no fixture with the outcome {outcome.value}" for outcome in OWED if outcome not in outcomes
    ]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 100 else text[:97] + "..."  # noqa: PLR2004 (fits a terminal's line)
