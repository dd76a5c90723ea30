"""Who may do what with flags. The brand owner reads; monitors and takedown officers decide; a lead undoes for others.

=========================  =======  ================  ===========  =============
permission                 monitor  takedown officer  brand owner  administrator
=========================  =======  ================  ===========  =============
``triage.view_flag``       yes      yes               yes          yes
``triage.decide_flag``     yes      yes               no           yes
``triage.undo_any``        no       no                no           yes
``triage.hunt``            yes      yes               yes          yes
``triage.tune``            no       no                no           yes
=========================  =======  ================  ===========  =============
"""

from __future__ import annotations

import rules

from accounts.models import Role
from accounts.permissions import has_role

VIEW = "triage.view_flag"
DECIDE = "triage.decide_flag"
UNDO_ANY = "triage.undo_any"
HUNT = "triage.hunt"
TUNE = "triage.tune"

HUNTERS = (Role.MONITOR, Role.TAKEDOWN_OFFICER, Role.BRAND_OWNER, Role.ADMINISTRATOR)
DECIDERS = (Role.MONITOR, Role.TAKEDOWN_OFFICER, Role.ADMINISTRATOR)

rules.set_perm(VIEW, has_role(Role.MONITOR, Role.TAKEDOWN_OFFICER, Role.BRAND_OWNER))
rules.set_perm(DECIDE, has_role(*DECIDERS))
rules.set_perm(UNDO_ANY, has_role(Role.ADMINISTRATOR))
rules.set_perm(HUNT, has_role(*HUNTERS))
rules.set_perm(TUNE, has_role(Role.ADMINISTRATOR))
