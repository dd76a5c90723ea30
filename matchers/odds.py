"""Probabilities and their log-odds: the one scale on which everything that speaks for a find is added up."""

from __future__ import annotations

import math

MOST = 60.0  # beyond this a probability differs from 0 or 1 by less than anybody can tell


def logistic(log_odds: float) -> float:
    """Turn log-odds into a probability."""
    return 1.0 / (1.0 + math.exp(-max(-MOST, min(MOST, log_odds))))


def log_odds(probability: float) -> float:
    """Turn a probability into log-odds; 0 and 1 as far as `logistic` reaches."""
    kept = min(max(probability, 1e-26), 1 - 1e-16)
    return math.log(kept / (1 - kept))
