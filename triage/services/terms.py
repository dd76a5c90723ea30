"""Every write to words learned from verdicts: a machine proposes them, a person has them read or turns them down."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.permissions import NotAllowed, require
from accounts.services import record
from contracts.errors import BadInput
from triage.models import LearnedTerm
from triage.permissions import TUNE
from triage.slang import candidates_of
from triage.states import TERM, TermState

VERBS = {
    TermState.ACTIVE: "term.used",
    TermState.RETIRED: "term.retired",
    TermState.REJECTED: "term.rejected",
}


def propose_terms(*, actor: User | None, organisation: Organisation) -> list[LearnedTerm]:
    """Look for phrases that the organisation's counterfeits are worded with and propose those nobody decided yet.

    What was proposed and not decided is counted anew; what no longer stands out is proposed no more.

    Raises:
        NotAllowed: the actor is no administrator here.
    """
    if actor is not None:
        require(actor, TUNE, organisation)
    found = candidates_of(organisation)
    with transaction.atomic():
        waiting = LearnedTerm.objects.filter(organisation=organisation, state=TermState.PROPOSED)
        dropped, _ = waiting.delete()
        fresh = [
            LearnedTerm(
                organisation=organisation,
                text=one.text,
                fakes=one.fakes,
                of_fakes=one.of_fakes,
                others=one.others,
                of_others=one.of_others,
                examples=list(one.examples),
            )
            for one in found
        ]
        LearnedTerm.objects.bulk_create(fresh, ignore_conflicts=True)  # one may have been decided in between
        terms = list(waiting.all())
        if terms or dropped:
            detail = {"terms": [term.text for term in terms]}
            record(actor=actor, verb="term.proposed", subject=organisation, organisation=organisation, detail=detail)
    return terms


def decide_term(*, actor: User | None, term: LearnedTerm, state: TermState) -> LearnedTerm:
    """Have a phrase read as words that admit a copy, no longer read it, or turn it down for good.

    Raises:
        NotAllowed: the actor is nobody, or no administrator here.
        BadInput: the phrase cannot come to that state from the one it is in.
    """
    if actor is None:
        raise NotAllowed(actor, TUNE)
    require(actor, TUNE, term.organisation)
    sources = TERM.sources(state)
    with transaction.atomic():
        moved = LearnedTerm.objects.filter(pk=term.pk, state__in=sources).update(
            state=state, decided_by=actor, decided_at=timezone.now()
        )
        if not moved:
            current = LearnedTerm.objects.filter(pk=term.pk).values_list("state", flat=True).first()
            raise BadInput(term.text, "state", "one of " + ", ".join(sorted(sources)), current)
        term.refresh_from_db()
        record(
            actor=actor,
            verb=VERBS[state],
            subject=term,
            organisation=term.organisation,
            detail={"text": term.text},
        )
    return term
