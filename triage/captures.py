"""Captures answered on the spot: taken in, matched at once, and said in words what became of each listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.permissions import require
from contracts.errors import BadInput
from contracts.listing import AccessRung, PageOutcome
from crawlers.feeds import read_feed
from crawlers.markets import host_of, whose
from crawlers.saved import SavedPage, file_time, read_saved
from listings.captures import CapturedPage, Found, News, TakenIn, take_in_capture
from listings.models import Listing
from listings.permissions import TAKE_CAPTURES
from listings.services import take_in_listings
from registry.models import Brand
from triage.matching import Matching, match_listings
from triage.models import Flag
from triage.queries import flags_by_listing
from triage.states import FlagState, VerdictState

STANDINGS = ("flagged", "decided", "clear")  # in the order they are told


@attrs.frozen(kw_only=True)
class ListingAnswer:
    """What is to be said of one listing. ``standing`` is one of `STANDINGS`; ``why`` is a flag's sentence."""

    title: str
    news: News
    standing: str
    said: str
    why: str = ""
    flag: Flag | None = None


@attrs.frozen(kw_only=True)
class PageAnswer:
    """What is to be said of one page, or of one file; ``where`` names it."""

    where: str
    outcome: PageOutcome
    said: str
    market: str = ""
    listings: tuple[ListingAnswer, ...] = ()
    counts: Mapping[News, int] = attrs.field(factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def flagged(self) -> int:
        """How many listings are flagged and wait for a decision."""
        return sum(1 for listing in self.listings if listing.standing == "flagged")


class Captures:
    """Takes captures in for one organisation; its brands are loaded once for many pages.

    Args:
        actor: who captured; None is jikimi itself (the command line).
        organisation: for whom.

    Raises:
        NotAllowed: the actor takes no captures for the organisation.
    """

    def __init__(self, *, actor: User | None, organisation: Organisation) -> None:
        require(actor, TAKE_CAPTURES, organisation)
        self.actor, self.organisation = actor, organisation
        brands = Brand.objects.filter(organisation=organisation).select_related("organisation")
        self._matching = Matching(brands)

    def take(self, page: CapturedPage, *, where: str, market: str | None = None) -> PageAnswer:
        """Take one page in, match its listings and say what became of them.

        Raises:
            BadInput: the screenshot is no picture.
        """
        taken = take_in_capture(actor=self.actor, organisation=self.organisation, page=page, market=market)
        keys = [found.listing.pk for found in taken.found]
        if keys:
            match_listings(Listing.objects.filter(pk__in=keys), matching=self._matching)
        answers = tuple(sorted(self._answers(taken.found), key=lambda answer: STANDINGS.index(answer.standing)))
        return PageAnswer(
            where=where,
            outcome=taken.reading.outcome,
            market=taken.whose.manifest.name if taken.whose.manifest else taken.whose.market,
            said=_said(taken, answers, page.url),
            listings=answers,
            counts={news: sum(1 for found in taken.found if found.news is news) for news in News},
            problems=taken.problems,
        )

    def _answers(self, found: Sequence[Found]) -> Iterator[ListingAnswer]:
        flags = flags_by_listing(organisation=self.organisation, listings=[one.listing.pk for one in found])
        for one in found:
            yield _answer(one, flags.get(one.listing.pk, []))

    def take_file(self, path: Path, *, name: str | None = None, market: str | None = None) -> Iterator[PageAnswer]:
        """Take in a saved page, an archive of pages or a feed; yields an answer for each page or for the feed.

        Args:
            path: the file; its bytes say what it is.
            name: what it is called; the path's own name by default.
            market: id of the marketplace where the caller knows better than the pages' addresses.
        """
        name = name or path.name
        if _is_feed(path, name):
            yield self._feed(path, name)
            return
        seen, told = file_time(path), False
        for page in read_saved(path, name):
            if isinstance(page, BadInput):
                told = True
                yield unread(name, page)
                continue
            captured = CapturedPage(
                response=page.response,
                observed_at=page.observed_at or seen,
                vantage=vantage(self.actor, f"file {name}"),
                status=page.status,
                answer=page.answer,
                pictures=page.pictures,
            )
            answer = self.take(captured, where=page.where, market=market)
            if page.scriptless and answer.outcome is PageOutcome.UNKNOWN:
                said = _(
                    "Not read: browsers leave a page's data out of MHTML files. Use the extension, or save it as HTML."
                )
                answer = attrs.evolve(answer, said=said)
            if answer.outcome is not PageOutcome.UNKNOWN or not _is_noise(page, name):
                told = True
                yield answer
        if not told:
            yield PageAnswer(
                where=name, outcome=PageOutcome.UNKNOWN, said=_("No listing could be read from this file.")
            )

    def _feed(self, path: Path, name: str) -> PageAnswer:
        try:
            intake = take_in_listings(
                listings=read_feed(path),
                organisation=self.organisation,
                rung=AccessRung.FEED,
                source=name,
                seen=file_time(path),
            )
        except BadInput as problem:
            return unread(name, problem)
        counts = {News.NEW: intake.new, News.CHANGED: intake.changed, News.UNCHANGED: intake.unchanged}
        said = _("A feed; its listings are matched within minutes.")
        return PageAnswer(where=name, outcome=PageOutcome.OK, said=said, counts=counts, problems=tuple(intake.problems))


def _is_noise(page: SavedPage, name: str) -> bool:
    """Tell whether nobody expects a listing here: what scripts ask for, and frames of other hosts in an archive."""
    return page.answer or (page.where != name and whose(str(page.response.url)).is_shop)


def unread(name: str, problem: BadInput) -> PageAnswer:
    """Return what is said of a file, or of a part of one, that could not be read."""
    said = _("Could not be read.")
    return PageAnswer(where=name, outcome=PageOutcome.FAILED, said=said, problems=(str(problem),))


def vantage(actor: User | None, tool: str) -> str:
    """Return who captured with what, as evidence names it."""
    told = f"{actor.get_username() if actor else 'jikimi'}, {tool}"
    return "".join(letter for letter in told if letter.isprintable())


def _is_feed(path: Path, name: str) -> bool:
    if name.lower().endswith((".csv", ".jsonl", ".ndjson")):
        return True
    with path.open("rb") as file:
        start = file.readline(1_000_000)
    return start.startswith(b'{"') and start.rstrip().endswith(b"}") and b'"market"' in start and b'"title"' in start


def _answer(found: Found, flags: list[Flag]) -> ListingAnswer:
    waiting = [flag for flag in flags if flag.state != FlagState.DECIDED]
    flag = next(iter(waiting or flags), None)
    if flag is None:
        standing, said = "clear", _("not flagged")
    elif waiting:
        standing, said = "flagged", _("flagged for %(brand)s") % {"brand": flag.brand.name}
    else:
        standing, said = "decided", _decided(flag)
    why = _sentence(flag.match) if flag and waiting else ""
    return ListingAnswer(title=found.listing.title, news=found.news, standing=standing, said=said, why=why, flag=flag)


def _sentence(match: Mapping[str, Any]) -> str:
    sentence = match.get("sentence") or {}
    language = (get_language() or "en").partition("-")[0]
    return str(sentence.get(language) or sentence.get("en") or "")


def _decided(flag: Flag) -> str:
    standing = next((verdict for verdict in flag.verdicts.all() if verdict.state == VerdictState.STANDING), None)
    if standing is None:
        return _("decided already")
    return _("decided already: %(verdict)s (%(by)s, %(day)s)") % {
        "verdict": standing.get_kind_display(),
        "by": standing.by,
        "day": _day(standing.at),
    }


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "Y-m-d")


def _said(taken: TakenIn, answers: tuple[ListingAnswer, ...], url: str) -> str:
    if taken.reading.outcome is not PageOutcome.OK:
        return _why_none(taken, url)
    if len(answers) == 1:
        return f"{news_label(answers[0].news)} · {answers[0].said}"
    flagged = sum(1 for answer in answers if answer.standing == "flagged")
    counted = ngettext(
        "%(total)s listing, %(flagged)s flagged", "%(total)s listings, %(flagged)s flagged", len(answers)
    )
    return counted % {"total": len(answers), "flagged": flagged}


def _why_none(taken: TakenIn, url: str) -> str:
    if taken.reading.outcome is PageOutcome.BLOCKED:
        said = _("This page is a wall (%(name)s), not the marketplace's answer. It says nothing of any listing.")
        return said % {"name": taken.reading.reason}
    if taken.reading.outcome is PageOutcome.REMOVED and taken.gone:
        return _("The listing is gone; that is noted now.")
    if taken.reading.outcome is PageOutcome.REMOVED:
        return _("The listing is gone. It was not among those you watch, or that was known.")
    if taken.reading.outcome is PageOutcome.EMPTY:
        return _("The page itself says that nothing was found.")
    if taken.whose.is_shop and not host_of(url):
        return _("Not read: the file does not tell where the page came from. Say which marketplace it is.")
    return _("Nobody knows this page: no listing could be read from it, and it was not kept.")


def news_label(news: News) -> str:
    """Return the words for whether a listing is news."""
    return {News.NEW: _("new"), News.CHANGED: _("changed"), News.UNCHANGED: _("known")}[news]
