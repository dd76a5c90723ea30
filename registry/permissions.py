"""Who may see and change what is registered. Administrators may do everything in their organisation."""

from __future__ import annotations

import rules

from accounts.models import Role
from accounts.permissions import has_role

# On an organisation.
rules.add_perm("registry.add_brand", has_role(Role.BRAND_OWNER))

# On a brand.
rules.add_perm("registry.view_brand", has_role(*Role))
rules.add_perm("registry.change_brand", has_role(Role.BRAND_OWNER))
# Officers keep the registers' status up to date: a notice rests on it.
rules.add_perm("registry.change_right", has_role(Role.BRAND_OWNER, Role.TAKEDOWN_OFFICER))
# Whoever is authorised is never flagged again, so this stays with the owner.
rules.add_perm("registry.authorise_seller", has_role(Role.BRAND_OWNER))
