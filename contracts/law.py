"""Which legal instrument a notice invokes: ``config/instruments.toml``. Law changes, so it is data with sources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import attrs
from pydantic import Field, model_validator

from contracts.config import CONFIG_DIR, Language, Source, Strict, load
from contracts.duty import Statement
from contracts.errors import BadInput
from contracts.match import Ground
from contracts.rights import EU, TRADEMARKS, Instrument, RightType

# What a ground may rest on. Re-use of a photo is no proof of a fake, so it never carries a trademark claim.
FITTING_RIGHTS: Mapping[Ground, frozenset[RightType]] = {
    Ground.COUNTERFEIT: TRADEMARKS,
    Ground.TRADEMARK_MISUSE: TRADEMARKS,
    Ground.COPYRIGHT_IMAGE: frozenset({RightType.COPYRIGHT}),
}


class InstrumentFacts(Strict):
    """What one instrument is and asks of a notice; texts by language, at least English and Korean."""

    id: Instrument
    name: dict[Language, str]
    citation: str = ""
    asks: dict[Language, tuple[str, ...]] = Field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    source: Source


class InstrumentRule(Strict):
    """Where an instrument applies. Empty means everywhere, every right. ``EU`` stands for its member states."""

    countries: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] = ()
    rights: tuple[RightType, ...] = ()
    instrument: Instrument
    escalation: Instrument | None = None  # an authority to turn to when the platform does not act

    def applies(self, country: str, right: RightType) -> bool:
        """Tell whether the rule speaks of this country and kind of right."""
        here = not self.countries or country in self.countries or ("EU" in self.countries and country in EU)
        return here and (not self.rights or right in self.rights)


@attrs.frozen(kw_only=True)
class Basis:
    """The instrument a notice rests on, and where one can go next."""

    instrument: Instrument
    escalation: Instrument | None = None


class Law(Strict):
    """Instruments and the rules that choose among them: the first that applies."""

    instruments: tuple[InstrumentFacts, ...]
    rules: Annotated[tuple[InstrumentRule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _sound(self) -> Law:
        known = {facts.id for facts in self.instruments}
        for rule in self.rules:
            for used in filter(None, (rule.instrument, rule.escalation)):
                if used not in known:
                    message = f"a rule uses {used}, which [[instruments]] does not describe"
                    raise ValueError(message)
            if rule.instrument is Instrument.DSA_16 and not (rule.countries and set(rule.countries) <= EU | {"EU"}):
                message = "dsa_16 applies to sites in EU member states only"
                raise ValueError(message)
            if rule.instrument is Instrument.DMCA_512 and set(rule.rights) != {RightType.COPYRIGHT}:
                message = "dmca_512 applies to copyright only"
                raise ValueError(message)
        if self.rules[-1].countries or self.rules[-1].rights:
            message = "the last rule must apply everywhere and to every right"
            raise ValueError(message)
        return self

    def basis(self, country: str, right: RightType, ground: Ground) -> Basis:
        """Return the instrument for a notice about a site in ``country``.

        Raises:
            BadInput: the ground cannot rest on this kind of right.
        """
        if right not in FITTING_RIGHTS.get(ground, frozenset()):
            where = f"notice in {country}"
            raise BadInput(where, "ground", f"one that a {right} supports", ground)
        rule = next(rule for rule in self.rules if rule.applies(country, right))
        return Basis(instrument=rule.instrument, escalation=rule.escalation)

    def facts(self, instrument: Instrument) -> InstrumentFacts:
        """Return what is known of an instrument; raises `BadInput` for one that is not described."""
        for facts in self.instruments:
            if facts.id is instrument:
                return facts
        expected = "one of " + ", ".join(facts.id for facts in self.instruments)
        raise BadInput(str(CONFIG_DIR / "instruments.toml"), "id", expected, instrument)


@cache
def law(path: Path = CONFIG_DIR / "instruments.toml") -> Law:
    """Return the law as configured."""
    return load(path, Law)
