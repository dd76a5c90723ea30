"""The rights gate: may a notice be drafted, and on which right? A pure function on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

import attrs

from contracts.law import FITTING_RIGHTS
from contracts.listing import PageOutcome
from contracts.match import AuthorisedShop, Ground
from contracts.rights import TRADEMARKS, RightStatus, RightType, reaches
from contracts.verdict import PERMITS_DRAFT, VerdictKind
from takedown.findings import NOT_ENFORCEABLE, Code, Problem, Severity, find, no_right_here


@attrs.frozen(kw_only=True)
class GateRight:
    """A right as registered. ``certificate``: it is on file; ``live_notice``: one already names this listing."""

    id: str
    type: RightType
    office: str
    owner: str
    status: RightStatus
    number: str = ""
    classes: tuple[int, ...] = ()
    designations: tuple[str, ...] = ()
    registered_on: date | None = None
    expires_on: date | None = None
    status_checked_on: date | None = None
    certificate: bool = False
    live_notice: bool = False

    @property
    def label(self) -> str:
        """How people name it: ``EU 018000001``."""
        return " ".join(filter(None, (self.office, self.number or self.type.replace("_", " "))))

    @property
    def unregistered(self) -> bool:
        """Copyright needs no register (Berne Convention Art. 5(2)); without a number there is nothing to check."""
        return self.type is RightType.COPYRIGHT and not self.number


@attrs.frozen(kw_only=True)
class GatePower:
    """A power of attorney. ``countries`` empty: everywhere."""

    id: str
    grantor: str
    agent: str
    signed_on: date
    expires_on: date | None = None
    countries: tuple[str, ...] = ()
    on_file: bool = True


@attrs.frozen(kw_only=True)
class GateCapture:
    """The look at the listing a notice would show."""

    outcome: PageOutcome
    at: datetime
    screenshot: bool
    reason: str = ""


@attrs.frozen(kw_only=True)
class GatePolicy:
    """How old things may be."""

    status_max_days: int = 90
    capture_max_hours: int = 24


@attrs.frozen(kw_only=True)
class GateInput:
    """All the gate may know. ``site`` is the ISO country of the site; ``goods_class`` the Nice class of the product.

    ``notifier`` is who would sign; a power of attorney is needed unless that is the owner. ``photo_copied``: the match
    carries the signal that a registered photo was copied.
    """

    now: datetime
    market: str
    site: str
    ground: Ground
    verdict: VerdictKind
    verdict_stands: bool
    notifier: str
    goods_class: int | None = None
    seller: str = ""
    rights: tuple[GateRight, ...] = ()
    powers: tuple[GatePower, ...] = ()
    authorised: tuple[AuthorisedShop, ...] = ()
    capture: GateCapture | None = None
    photo_copied: bool = False
    duty_profile: str = ""
    policy: GatePolicy = GatePolicy()

    @property
    def today(self) -> date:
        """The day on which rights and powers must hold."""
        return self.now.date()


# A right, what speaks against it here, and the power of attorney it would be signed under.
Candidate = tuple[GateRight, tuple[Problem, ...], GatePower | None]


class GateOutcome(StrEnum):
    """What the gate says."""

    PASSED = "passed"
    REFUSED = "refused"  # something is missing that a person can put right
    NO_ENFORCEABLE_RIGHT = "no_enforceable_right"  # detected, but nothing registered there reaches it


@attrs.frozen(kw_only=True)
class GateResult:
    """``right`` and ``power`` only when the gate is passed (``power`` None: the owner signs).

    ``copyright_offered``: no trademark reaches the listing, but it copies a registered photo, and this copyright does.
    """

    outcome: GateOutcome
    right: GateRight | None
    problems: tuple[Problem, ...]
    power: GatePower | None = None
    copyright_offered: GateRight | None = None


def check(given: GateInput) -> GateResult:
    """Decide whether a notice may be drafted on ``given.ground``."""
    general = (*_verdict(given), *_place(given), *_seller(given), *_capture(given))
    candidates = [_judge(right, given) for right in given.rights if _fits(right, given.ground)]
    enforceable = [entry for entry in candidates if not _lacks(entry[1])]
    if not enforceable:
        why = tuple(problem for _, problems, _ in candidates for problem in problems if problem.code in NOT_ENFORCEABLE)
        known_place = bool(given.site)
        return GateResult(
            outcome=GateOutcome.NO_ENFORCEABLE_RIGHT if known_place else GateOutcome.REFUSED,
            right=None,
            problems=(*general, no_right_here(given.site, given.ground), *why),
            copyright_offered=_offer(given),
        )
    right, problems, power = min(enforceable, key=_preference)
    found = (*general, *problems)
    if any(problem.blocks for problem in found):
        return GateResult(outcome=GateOutcome.REFUSED, right=None, problems=found)
    return GateResult(outcome=GateOutcome.PASSED, right=right, power=power, problems=found)


def covers(right: GateRight, country: str) -> bool:
    """Tell whether a right has effect in ``country``.

    Trademarks and designs are territorial (`contracts.rights.reaches`). Copyright in a Korean work is protected without
    formality in every member of the Berne Convention (Art. 5) and of the WTO (TRIPS Art. 9), taken here as everywhere.
    """
    return right.type is RightType.COPYRIGHT or reaches(right.office, right.designations, country)


def _fits(right: GateRight, ground: Ground) -> bool:
    return right.type in FITTING_RIGHTS.get(ground, frozenset())


def _lacks(problems: Iterable[Problem]) -> bool:
    return any(problem.code in NOT_ENFORCEABLE for problem in problems)


def _preference(entry: Candidate) -> tuple[int, int, int, str]:
    """Fewest blocks, then fewest warnings, then the longest life; the id only makes the choice repeatable."""
    right, problems, _ = entry
    blocks = sum(problem.blocks for problem in problems)
    return blocks, len(problems) - blocks, -(right.expires_on or date.max).toordinal(), right.id


def _verdict(given: GateInput) -> Iterator[Problem]:
    if not given.verdict_stands:
        yield find(Code.VERDICT_WITHDRAWN)
    if given.verdict not in PERMITS_DRAFT:
        yield find(Code.VERDICT_FORBIDS, verdict=given.verdict)
    elif given.ground not in _grounds(given):
        yield find(Code.GROUND_MISMATCH)


def _grounds(given: GateInput) -> frozenset[Ground]:
    """Say which grounds the verdict carries: image re-use never a trademark, a fake the photo only if it was copied."""
    if given.verdict is VerdictKind.IMAGE_REUSE:
        return frozenset({Ground.COPYRIGHT_IMAGE})
    trademark = frozenset({Ground.COUNTERFEIT, Ground.TRADEMARK_MISUSE})
    return trademark | {Ground.COPYRIGHT_IMAGE} if given.photo_copied else trademark


def _place(given: GateInput) -> Iterator[Problem]:
    if not given.site:
        yield find(Code.SITE_UNKNOWN)
    if not given.duty_profile:
        yield find(Code.NO_DUTY_PROFILE, market=given.market)


def _seller(given: GateInput) -> Iterator[Problem]:
    if not given.seller:
        yield find(Code.SELLER_UNKNOWN, severity=Severity.WARN)
    for shop in given.authorised:
        same = shop.market == given.market and shop.shop_id == given.seller
        here = not shop.territory or given.site in shop.territory
        if same and here and (shop.expires is None or shop.expires >= given.today):
            yield find(Code.SELLER_AUTHORISED, seller=given.seller)


def _capture(given: GateInput) -> Iterator[Problem]:
    capture = given.capture
    if capture is None:
        yield find(Code.NO_CAPTURE)
    elif capture.outcome is PageOutcome.BLOCKED:
        yield find(Code.CAPTURE_BLOCKED, reason=capture.reason or "-")
    elif capture.outcome is PageOutcome.REMOVED:
        yield find(Code.LISTING_GONE)
    elif capture.outcome is not PageOutcome.OK or not capture.screenshot:
        yield find(Code.CAPTURE_FAILED, reason=capture.reason or capture.outcome)
    elif given.now - capture.at > timedelta(hours=given.policy.capture_max_hours):
        yield find(Code.CAPTURE_OLD, hours=given.policy.capture_max_hours)


def _judge(right: GateRight, given: GateInput) -> Candidate:
    power = _power(right, given)
    problems = (*_standing(right, given), *_reach(right, given), *_papers(right, given), *_signing(right, power, given))
    return right, problems, power


def _standing(right: GateRight, given: GateInput) -> Iterator[Problem]:
    dead = right.status in {RightStatus.EXPIRED, RightStatus.CANCELLED}
    if dead or (right.status is not RightStatus.REGISTERED and not right.unregistered):
        yield find(Code.NOT_REGISTERED, right_id=right.id, right=right.label, status=right.status)
    begun = right.unregistered or (right.registered_on is not None and right.registered_on <= given.today)
    if not begun or (right.expires_on is not None and right.expires_on < given.today):
        yield find(Code.NOT_IN_FORCE, right_id=right.id, right=right.label, day=given.today.isoformat())
    if right.expires_on is None and right.type is not RightType.COPYRIGHT:
        yield find(Code.EXPIRY_UNKNOWN, severity=Severity.WARN, right_id=right.id, right=right.label)


def _reach(right: GateRight, given: GateInput) -> Iterator[Problem]:
    if not covers(right, given.site):
        yield find(Code.NOT_COVERING, right_id=right.id, right=right.label, country=given.site or "?")
    if right.type not in TRADEMARKS:
        return
    if given.goods_class is None:
        yield find(Code.CLASS_UNKNOWN, severity=Severity.WARN, right_id=right.id, right=right.label)
    elif given.goods_class not in right.classes:
        classes = ", ".join(map(str, right.classes)) or "-"
        words = {"right": right.label, "classes": classes, "goods_class": given.goods_class}
        yield find(Code.WRONG_CLASS, right_id=right.id, **words)


def _papers(right: GateRight, given: GateInput) -> Iterator[Problem]:
    if not right.unregistered:
        oldest = given.today - timedelta(days=given.policy.status_max_days)
        if right.status_checked_on is None or right.status_checked_on < oldest:
            days = given.policy.status_max_days
            yield find(Code.STATUS_OLD, right_id=right.id, right=right.label, days=days)
    if not right.certificate:
        severity = Severity.WARN if right.unregistered else Severity.BLOCK
        yield find(Code.NO_CERTIFICATE, severity=severity, right_id=right.id, right=right.label)
    if right.live_notice:
        yield find(Code.LIVE_NOTICE, right_id=right.id, right=right.label)


def _signing(right: GateRight, power: GatePower | None, given: GateInput) -> Iterator[Problem]:
    if not right.owner.strip():
        yield find(Code.NO_OWNER, right_id=right.id, right=right.label)
    elif power is not None and _name(power.agent) != _name(given.notifier):
        words = {"agent": power.agent, "notifier": given.notifier}
        yield find(Code.AGENT_DIFFERS, severity=Severity.WARN, right_id=right.id, **words)
    elif power is None and _name(right.owner) != _name(given.notifier):
        words = {"owner": right.owner, "day": given.today.isoformat(), "country": given.site or "?"}
        yield find(Code.NO_POWER, right_id=right.id, **words)


def _power(right: GateRight, given: GateInput) -> GatePower | None:
    """Return the power of attorney that holds longest; none where the owner signs."""
    if _name(right.owner) == _name(given.notifier):
        return None
    valid = [power for power in given.powers if _name(power.grantor) == _name(right.owner) and _holds(power, given)]
    return max(valid, key=lambda power: (power.expires_on or date.max, power.id), default=None)


def _holds(power: GatePower, given: GateInput) -> bool:
    begun = power.signed_on <= given.today
    lasts = power.expires_on is None or power.expires_on >= given.today
    return power.on_file and begun and lasts and (not power.countries or given.site in power.countries)


def _name(text: str) -> str:
    """Fold case and spaces; everything else of a name must be as on the certificate."""
    return " ".join(text.casefold().split())


def _offer(given: GateInput) -> GateRight | None:
    """Return a copyright that would carry the notice where a trademark does not and a registered photo was copied."""
    if given.ground is Ground.COPYRIGHT_IMAGE or not given.photo_copied:
        return None
    return check(attrs.evolve(given, ground=Ground.COPYRIGHT_IMAGE)).right
