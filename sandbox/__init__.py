"""Marketplaces on loopback: demo, end-to-end and fault tests. Knows the truth; knows no detector.

with Sandbox(seed=7, registry=Path("samples/registry"), listings_per_market=300) as sandbox:
    sandbox.origins  # {"harborlane": "http://127.0.0.1:49152", ...}
    sandbox.truth()  # what every offer really is; never reachable over HTTP
"""

from __future__ import annotations

from sandbox.behaviours import Behaviour, RateLimited, Slow, Walled
from sandbox.offers import Label, Truth
from sandbox.play import Sandbox, Visit

__all__ = ["Behaviour", "Label", "RateLimited", "Sandbox", "Slow", "Truth", "Visit", "Walled"]
