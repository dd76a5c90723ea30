"""Learned weights on the terminal: whose they are, how they did, and who puts them to use."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import Organisation, User
from contracts.errors import BadInput
from triage.models import Weighting
from triage.services import use_house_weights, use_weighting

HOUSE = "house"


def organisation_called(slug: str | None) -> Organisation:
    """Return the organisation of a slug, or the only one there is.

    Raises:
        BadInput: there is none of that slug, or several to choose from.
    """
    candidates = Organisation.objects.filter(slug=slug) if slug else Organisation.objects.all()
    if len(candidates) != 1:
        known = ", ".join(Organisation.objects.values_list("slug", flat=True)) or "none registered yet"
        raise BadInput("jikimi match", "--organisation", f"one of: {known}", slug)
    return candidates[0]


def told(weighting: Weighting) -> Iterator[str]:
    """Yield what a person needs to decide about weights: the held-out figures and what changed."""
    report = weighting.report
    yield f"{weighting.version}: {weighting.state}, learned from {weighting.verdicts} verdicts"
    for name in ("before", "after"):
        figures = report[name]
        shares = ", ".join(f"{share} {_shown(figures[share])}" for share in ("precision", "recall"))
        yield f"  {name:7} log loss {figures['log_loss']:.3f}, {shares}, on the {figures['cases']} newest verdicts"
    yield f"  against {report['against']}; recall is of flags alone: what was never flagged is not in it"
    for signal, factor in sorted(weighting.factors.items(), key=lambda item: -abs(item[1] - 1)):
        yield f"  {signal:22} x {factor:.2f}"


def _shown(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.2f}"


def put_to_use(version: str, *, username: str, slug: str | None) -> str:
    """Judge by a version (or the house's weights) from now on; returns what to tell.

    Raises:
        BadInput: there is no such user or version, or it cannot be used.
        NotAllowed: the user is no administrator there.
    """
    actor = User.objects.filter(username=username).first()
    if actor is None:
        raise BadInput("jikimi match use", "--by", "the name of a user", username)
    if version == HOUSE:
        organisation = organisation_called(slug)
        use_house_weights(actor=actor, organisation=organisation)
        return f"{organisation.slug} judges by the house's weights."
    weighting = Weighting.objects.filter(version=version).select_related("organisation").first()
    if weighting is None:
        known = ", ".join(Weighting.objects.values_list("version", flat=True)) or "none learned yet"
        raise BadInput("jikimi match use", "VERSION", f"{HOUSE} or one of: {known}", version)
    use_weighting(actor=actor, weighting=weighting)
    return f"{weighting.organisation.slug} judges by {weighting.version}."
