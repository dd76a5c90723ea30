"""Who may plan and start crawls."""

from __future__ import annotations

import rules

from accounts.models import Role
from accounts.permissions import has_role

PLAN_WATCHES = "jobs.plan_watches"

rules.add_perm(PLAN_WATCHES, has_role(Role.MONITOR, Role.BRAND_OWNER, Role.TAKEDOWN_OFFICER))
