"""The main job on the sandbox: what the demo does and shows."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import attrs
from django.conf import settings
from django.db import connection
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from accounts.models import Organisation, OutboxMessage, Role, User
from accounts.outbox import drain, work
from accounts.services import create_user, grant
from accounts.states import DeliveryState
from contracts.match import Ground
from contracts.verdict import VerdictKind
from evidence.store import Store
from jikimi.health import health_table
from jikimi.outcomes import Count, Outcome, Truth, by_region, by_tactic
from jikimi.progress import all_through
from jikimi.trial import crawl_due, deliver, outcomes, register, schedule
from jobs.models import Watch
from jobs.queries import overview
from jobs.reasons import WatchReason
from listings.models import Listing
from registry.models import Brand
from takedown.findings import NOT_ENFORCEABLE, Code, Severity
from takedown.gate import GateOutcome
from takedown.models import Notice, Refusal
from takedown.pages import needs_evidence
from takedown.queries import own_ground
from takedown.services import capture_evidence, draft_notice, write_pdf
from triage.models import Flag
from triage.services import decide, lease

SHOWN = 15
TRIES = 8


@attrs.frozen
class Login:
    """A login made for this run."""

    user: str
    password: str


@attrs.frozen
class Ended:
    """How the main job ended: a login for the web interface, and what was not reached."""

    login: Login
    missing: tuple[str, ...]


def main_job(*, origins: Mapping[str, str], truth: Sequence[Truth], home: Path) -> Ended:
    """Migrate, register, crawl, match, show, draft.

    Args:
        origins: address of each sandbox marketplace.
        truth: what its offers really are, for the table of figures only.
        home: folder the notice is written to.
    """
    console = Console()
    console.rule("1  Register the sample brands")
    register(console.print)
    login = _login()
    deliver()  # what is registered is searched back through what was found before: nothing yet
    console.print(f"{Brand.objects.count()} brands of {Organisation.objects.count()} firms are registered.")

    console.rule("2  Schedule four regions, and crawl what is due")
    schedule(origins)
    with _matching_beside():
        through = all_through(crawl_due(origins, console))
    seen = overview()
    console.print(health_table(attrs.evolve(seen, markets=[item for item in seen.markets if item.is_watched])))

    console.rule("3  Match what was seen")
    _deliver(console)
    flags = list(Flag.objects.select_related("listing", "brand").order_by("-probability", "pk"))
    console.print(_flagged(flags))
    console.print(f"{len(flags)} of {Listing.objects.count()} listings were flagged.")
    shops = Watch.objects.looked_for().filter(reason=WatchReason.SUSPECT)
    console.print(
        f"{shops.values('market', 'term').distinct().count()} shops are suspected: the next run looks at them."
    )

    console.rule("4  How right that was (the sandbox knows)")
    for table in figures(outcomes(truth)):
        console.print(table)

    console.rule("5  Draft one notice")
    notice = _draft(User.objects.get(username=login.user), flags, console.print)
    if notice is not None:
        path = home / "notice.pdf"
        path.write_bytes(Store(settings.EVIDENCE_DIR).get(write_pdf(actor=None, notice=notice)))
        console.print(f"Drafted for {notice.profile['platform']}, not sent: {path}", soft_wrap=True)
    reached = {"a crawl that got through, in every market": through, "a notice": notice is not None}
    return Ended(login, tuple(name for name, is_there in reached.items() if not is_there))


def _login() -> Login:
    password = secrets.token_urlsafe(12)
    user = create_user(actor=None, username="demo", password=password, language="ko")
    for organisation in Organisation.objects.all():
        for role in (Role.MONITOR, Role.TAKEDOWN_OFFICER):
            grant(actor=None, user=user, organisation=organisation, role=role)
    return Login(user.username, password)


@contextmanager
def _matching_beside() -> Iterator[None]:
    """Deliver meanwhile what is published, as `jikimi work` does: the first crawl is over long before the last."""
    through = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        working = thread.submit(_work, through)
        try:
            yield
        finally:
            through.set()
        working.result()


def _work(stop: threading.Event) -> None:
    try:
        work(stop)
    finally:
        connection.close()  # a thread's own


def _deliver(console: Console) -> None:
    waiting = OutboxMessage.objects.filter(state=DeliveryState.WAITING).count()
    for _ in track(range(waiting), description="matching", console=console):
        drain(limit=1)
    for problem in deliver():  # and what those published in turn
        console.print(Text(f"Not delivered yet, jikimi work tries again: {problem}"))


def _flagged(flags: Sequence[Flag]) -> Table:
    table = Table("risk", "brand", "market", "title", "price", "why", title=f"The {SHOWN} riskiest listings")
    for flag in flags[:SHOWN]:
        listing = flag.listing
        table.add_row(
            f"{flag.probability:.2f}",
            flag.brand.name,
            listing.market,
            _plain(listing.title, 44),
            f"{listing.price} {listing.currency}",
            _plain(flag.match["sentence"]["en"], 80),
        )
    return table


def _plain(text: str, length: int) -> str:
    """Return hostile text fit for a terminal: printable, short, without rich's markup."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return (shown if len(shown) <= length else shown[: length - 1] + "…").replace("[", "\\[")


def figures(rows: Sequence[Outcome]) -> list[Table]:
    """Return precision and recall per region, and recall per tactic.

    A flag is right when the listing is a counterfeit of the very brand. Recall counts every counterfeit that the
    marketplaces hold, also those no crawl came upon.
    """
    regional = Table("region", "counterfeits", "seen", "found", "wrong flags", "precision", "recall")
    for region, count in by_region(rows).items():
        regional.add_row(
            region,
            *_numbers(count),
            str(count.wrong),
            _share(count.found, count.found + count.wrong),
            _share(count.found, count.fakes),
        )
    tactical = Table("tactic", "counterfeits", "seen", "found", "recall")
    for tactic, count in by_tactic(rows).items():
        tactical.add_row(tactic, *_numbers(count), _share(count.found, count.fakes))
    return [regional, tactical]


def _numbers(count: Count) -> tuple[str, str, str]:
    return str(count.fakes), str(count.seen), str(count.found)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def _draft(user: User, flags: Sequence[Flag], say: Callable[[str], None]) -> Notice | None:
    """Decide the riskiest counterfeits as the demo's user until one has a right in force where it is sold."""
    suspects = [flag for flag in flags if flag.ground == Ground.COUNTERFEIT]
    for flag in suspects[:TRIES]:
        held = lease(actor=user, flag=flag)
        verdict = decide(
            actor=user, flag=held, kind=VerdictKind.COUNTERFEIT, seen_fingerprint=held.fingerprint, note="demo"
        )
        if needs_evidence(verdict, own_ground(verdict)):
            capture_evidence(actor=user, verdict=verdict)
        made = draft_notice(actor=user, verdict=verdict)
        if isinstance(made, Notice):
            return made
        say(f"{flag.brand.name} on {flag.listing.market}: no notice. {why_not(made)}")
    return None


def why_not(refusal: Refusal) -> str:
    """Return what kept a notice from being drafted: where no right reaches the listing, that alone."""
    blocking = [finding for finding in refusal.findings if finding["severity"] == Severity.BLOCK]
    if refusal.outcome == GateOutcome.NO_ENFORCEABLE_RIGHT:
        blocking = [finding for finding in blocking if finding["code"] in {*NOT_ENFORCEABLE, Code.NO_RIGHT_HERE}]
    return "; ".join(finding["en"] for finding in blocking)
