"""Who may plan watches and edit schedules.

Watches belong to a brand. A schedule concerns every firm of an installation, so where there are several it is edited by
the installation's own people (``is_staff``) and on the command line; the administrators of an installation's only firm
are its own people.
"""

from __future__ import annotations

import rules

from accounts.models import Organisation, Role, User
from accounts.permissions import administers_any, has_role

PLAN_WATCHES = "jobs.plan_watches"
EDIT_SCHEDULES = "jobs.edit_schedules"


@rules.predicate
def runs_the_installation(user: User) -> bool:
    """Tell whether the user speaks for every firm here."""
    if not (user.is_authenticated and user.is_active):
        return False
    return user.is_staff or (administers_any(user) and Organisation.objects.count() == 1)


rules.add_perm(PLAN_WATCHES, has_role(Role.MONITOR, Role.BRAND_OWNER, Role.TAKEDOWN_OFFICER))
rules.add_perm(EDIT_SCHEDULES, runs_the_installation)
