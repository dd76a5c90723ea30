"""What can go wrong between opening a flag and deciding it. Every text is shown to a person as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from contracts.errors import JikimiError

if TYPE_CHECKING:
    from accounts.models import User
    from triage.models import Flag, SpotCheck, Verdict


class LeaseLost(JikimiError):
    """The actor does not hold the flag. ``holder`` is who does, or None when nobody."""

    def __init__(self, flag: Flag, holder: User | None) -> None:
        self.flag = flag
        self.holder = holder
        super().__init__(flag, holder)

    def __str__(self) -> str:
        if self.holder is None:
            return _("You no longer hold this flag: ten minutes passed, or it was released. Open it again to go on.")
        return _("This flag is held by %(holder)s now.") % {"holder": self.holder}


class ContentChanged(JikimiError):
    """The listing's content is no longer what the actor saw; nothing was decided."""

    def __init__(self, flag: Flag) -> None:
        self.flag = flag
        super().__init__(flag)

    def __str__(self) -> str:
        return _("The listing changed while you looked at it. Nothing was decided; please look again.")


class AlreadyDecided(JikimiError):
    """The flag was decided before; ``verdict`` is the standing one."""

    def __init__(self, flag: Flag, verdict: Verdict | None) -> None:
        self.flag = flag
        self.verdict = verdict
        super().__init__(flag, verdict)

    def __str__(self) -> str:
        if self.verdict is None:
            return _("This flag is decided already.")
        return _("Decided already by %(by)s: %(kind)s.") % {
            "by": self.verdict.by,
            "kind": self.verdict.get_kind_display(),
        }


class UndoClosed(JikimiError):
    """The verdict is older than fifteen minutes or no longer stands."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(verdict)

    def __str__(self) -> str:
        return _("This decision can no longer be undone. Use “Look again” on the flag instead.")


class SecondLookNeedsAnother(JikimiError):
    """Who was unsure cannot give the second look too."""

    def __init__(self, flag: Flag) -> None:
        self.flag = flag
        super().__init__(flag)

    def __str__(self) -> str:
        return _("You asked for a second look at this flag; another person has to give it.")


class CheckClosed(JikimiError):
    """The spot check waits no longer, or no longer for what the actor saw; nothing was decided."""

    def __init__(self, check: SpotCheck) -> None:
        self.check = check
        super().__init__(check)

    def __str__(self) -> str:
        return _("This listing changed, was flagged or was judged by somebody else meanwhile. Nothing was decided.")
