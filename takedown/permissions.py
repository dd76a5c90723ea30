"""Who may do what with notices. The brand owner reads; monitors may draft; takedown officers draft, submit and approve.

==============================  =======  ================  ===========  =============
permission                      monitor  takedown officer  brand owner  administrator
==============================  =======  ================  ===========  =============
``takedown.view_notice``        yes      yes               yes          yes
``takedown.draft_notice``       yes      yes               no           yes
``takedown.submit_notice``      no       yes               no           yes
``takedown.approve_notice``     no       yes               no           yes
``takedown.withdraw_notice``    no       yes               no           yes
==============================  =======  ================  ===========  =============
"""

from __future__ import annotations

import rules

from accounts.models import Role
from accounts.permissions import has_role

VIEW = "takedown.view_notice"
DRAFT = "takedown.draft_notice"
SUBMIT = "takedown.submit_notice"
APPROVE = "takedown.approve_notice"
WITHDRAW = "takedown.withdraw_notice"

rules.set_perm(VIEW, has_role(Role.MONITOR, Role.TAKEDOWN_OFFICER, Role.BRAND_OWNER))
rules.set_perm(DRAFT, has_role(Role.MONITOR, Role.TAKEDOWN_OFFICER))
rules.set_perm(SUBMIT, has_role(Role.TAKEDOWN_OFFICER))
rules.set_perm(APPROVE, has_role(Role.TAKEDOWN_OFFICER))
rules.set_perm(WITHDRAW, has_role(Role.TAKEDOWN_OFFICER))
