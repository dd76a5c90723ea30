"""Who may take captures in: the people who look at listings. Captures change what everybody sees of a listing."""

from __future__ import annotations

import rules

from accounts.permissions import CAPTURERS, has_role

TAKE_CAPTURES = "listings.take_captures"

rules.add_perm(TAKE_CAPTURES, has_role(*CAPTURERS))
