"""Exchange rates: ``config/exchange_rates.toml``. Approximate, kept by the operator; good enough for price bands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from contracts.config import CONFIG_DIR, Confidence, Currency, Strict, load


class ExchangeRates(Strict):
    """How many won one unit of each currency is worth, on one day."""

    as_of: date
    source: str = ""
    confidence: Confidence = Confidence.UNVERIFIED
    won_per_unit: dict[Currency, Annotated[Decimal, Field(gt=0)]]

    def convert(self, amount: Decimal, source: str, target: str) -> Decimal | None:
        """Return ``amount`` of ``source`` in ``target`` (ISO 4217), or None where a currency is not listed."""
        if source == target:
            return amount
        if source not in self.won_per_unit or target not in self.won_per_unit:
            return None
        return amount * self.won_per_unit[source] / self.won_per_unit[target]


@cache
def exchange_rates(path: Path = CONFIG_DIR / "exchange_rates.toml") -> ExchangeRates:
    """Return the configured rates. Raises `BadInput` or `ManyBadInputs` naming what does not fit."""
    return load(path, ExchangeRates)
