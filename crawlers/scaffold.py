"""What ``jikimi market new`` writes: a manifest, a page object to begin with, and fixtures that pass from the start."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
from pydantic import ValidationError

from contracts.config import CONFIG_DIR, problems_of
from contracts.errors import BadInput, ManyBadInputs
from contracts.market import Manifest, Region

ROOT = CONFIG_DIR.parent
_NAME = re.compile(r"[\w .&'+!-]{1,60}")  # it stands in a comment, a docstring and TOML


@attrs.frozen(kw_only=True)
class Answers:
    """What is asked of a new marketplace. ``search`` is an address with ``{query}``, perhaps ``{page}``; or empty."""

    id: str
    name: str
    region: Region
    country: str
    domain: str
    currency: str
    languages: tuple[str, ...]
    search: str
    access: tuple[str, ...]
    duty_profile: str
    reviewed_on: str

    @property
    def module(self) -> str:
        """The page module's name; a Python name may not begin with a digit."""
        name = self.id.replace("-", "_")
        return f"m{name}" if name[0].isdigit() else name


def files(answers: Answers) -> dict[Path, str]:
    """Return every file to write, by its path below the project.

    Raises:
        ManyBadInputs, BadInput: an answer does not fit.
    """
    if not _NAME.fullmatch(answers.name):
        raise BadInput("jikimi market new", "name", "letters, digits, spaces and .&'+!- in one line", answers.name)
    market = answers.id
    folder = Path("tests/crawlers/fixtures") / market
    written = {
        Path("config/markets") / answers.region / f"{market}.toml": manifest_text(answers),
        Path("crawlers/pages") / f"{answers.module}.py": _MODULE.format(name=answers.name),
    }
    written |= {folder / name: text for name, text in _pages(answers).items()}
    return written


def unfinished(manifest: Manifest) -> list[str]:
    """Return what a manifest that claims proofs still has of the skeleton, and proofs that no site is proven by."""
    if not manifest.proofs:
        return []
    invented = any(GONE in signature.body_contains for signature in manifest.removed)
    proven = {site.country for site in manifest.sites if site.proven}
    return [
        *(["removed: the skeleton's invented words still stand there: replace or delete them"] if invented else []),
        *(
            f"proofs: read right on a page of {proof.site}, but that [[sites]] entry does not say proven = true"
            for proof in manifest.proofs
            if proof.site and manifest.sites and proof.site not in proven and "feed" not in proof.kind
        ),
    ]


def write(written: Mapping[Path, str], root: Path = ROOT) -> None:
    """Write the files; none when one of them is there already.

    Raises:
        BadInput: names the file that is there.
    """
    for path in written:
        if (root / path).exists():
            raise BadInput("jikimi market new", str(path), "a file that is not there yet", "one that is")
    for path, text in written.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def manifest_text(answers: Answers) -> str:
    """Return the manifest as TOML, checked against the contract."""
    search = _template(answers)
    lines = [*_head(answers), *(["", "[addresses]", f"search = {_quoted(search)}"] if search else []), *_tail(answers)]
    text = "\n".join(lines) + "\n"
    _check(answers, text)
    return text


def _check(answers: Answers, text: str) -> None:
    try:
        Manifest.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise ManyBadInputs(problems_of(f"the new manifest of {answers.id}", error)) from None


def _template(answers: Answers) -> str:
    if not answers.search:
        return ""
    if "{query}" not in answers.search:
        raise BadInput(
            "jikimi market new", "search", "an address with {query} where the search word goes", answers.search
        )
    return re.sub(r"^https?://" + re.escape(answers.domain), "{origin}", answers.search)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, values)) + "]"


def _head(answers: Answers) -> Iterator[str]:
    yield f"# {answers.name}. Facts about its pages: crawlers/pages/{answers.module}.py."
    yield f"id = {_quoted(answers.id)}"
    yield f"name = {_quoted(answers.name)}"
    yield f"region = {_quoted(answers.region.value)}"
    yield f"duty_profile = {_quoted(answers.duty_profile)}"
    yield f"page_module = {_quoted(answers.module)}"
    yield 'family = "structured data"'
    yield f"access = {_list(answers.access)}"
    yield 'robots = "obey"'
    yield f"reviewed_on = {answers.reviewed_on}"


def _tail(answers: Answers) -> Iterator[str]:
    yield from ("", "[rate]", "delay_seconds = 10.0", "concurrency = 1", "stop_after_blocks = 2")
    yield from ("", "[[sites]]", f"country = {_quoted(answers.country)}", f"domain = {_quoted(answers.domain)}")
    yield from (f"currency = {_quoted(answers.currency)}", f"languages = {_list(answers.languages)}")
    yield from ("", "# What its walls look like, beside those of config/walls.toml.")
    yield from ("[[blocked]]", f"name = {_quoted(answers.name + ' sign-in')}", 'url_contains = "/login"')
    yield from ("", "# How it says that a listing is gone, in its own words.")
    yield from ("[[removed]]", f"name = {_quoted(answers.name + ': listing is gone')}")
    yield from (f"body_contains = [{_quoted(GONE)}]", "under_bytes = 200000")
    yield from ("", "[assertions]", "min_listings_per_search_page = 1", "max_listings_per_search_page = 200")
    yield "field_coverage = { title = 1.0, listing_id = 1.0, price = 0.9, currency = 0.9, image_urls = 0.9 }"
    yield from ("", "# What real pages it was proven on: [[proofs]] kind, site, captured. None yet.")
    yield from ("", "[terms]", 'automated_access = "unknown"', "", "[terms.source]", 'confidence = "unverified"')


GONE = "this invented listing is no longer available"

_MODULE = '''"""{name}: product pages by their structured data. Proven on: nothing yet."""

from __future__ import annotations

from crawlers.families.base import PageKind
from crawlers.families.structured import StructuredPage


class ProductPage(StructuredPage):
    """A product page. Where its data say it wrong, override one reading: `identify`, `prices_of`, `seller_of` ..."""

    kind = PageKind.PRODUCT


PAGES = (ProductPage,)
'''


def _pages(answers: Answers) -> dict[str, str]:
    product = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "Invented cream 50 ml",
        "sku": "1234567890",
        "image": f"https://{answers.domain}/img/1234567890.jpg",
        "brand": {"@type": "Brand", "name": "Invented"},
        "offers": {
            "@type": "Offer",
            "price": "12.50",
            "priceCurrency": answers.currency,
            "availability": "https://schema.org/InStock",
            "seller": {"@type": "Organization", "name": "Invented shop"},
        },
    }
    url = f"https://{answers.domain}/p/1234567890"
    head = f'<!doctype html><html lang="{answers.languages[0]}"><head><meta charset="utf-8">'
    return {
        "product.html": f'{head}<title>Invented cream</title><link rel="canonical" href="{url}">'
        f'<script type="application/ld+json">{json.dumps(product)}</script></head>'
        "<body><h1>Invented cream 50 ml</h1></body></html>\n",
        "removed.html": f"{head}<title>{answers.name}</title></head><body><p>Sorry, {GONE}.</body></html>\n",
        "wall.html": f"{head}<title>Robot check</title></head><body><form><p>Please verify you are a human</form>"
        '<div class="g-recaptcha"></div></body></html>\n',
    }
