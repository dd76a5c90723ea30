"""What can be refused in this room, in words a person can act on."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from contracts.errors import JikimiError
from contracts.match import Sentence


class NotReady(JikimiError):
    """A notice cannot be submitted yet; ``lacks`` says what is missing."""

    def __init__(self, lacks: list[Sentence]) -> None:
        self.lacks = lacks
        super().__init__(lacks)

    def __str__(self) -> str:
        return "\n".join(lack.en for lack in self.lacks)


class AlreadyUnderWay(JikimiError):
    """A second live notice for the same listing and right."""

    def __str__(self) -> str:
        return _("A notice for this listing and right is already under way.")


class FieldFrozen(JikimiError):
    """The field says what the register or the listing says; a person may not word it otherwise."""

    def __str__(self) -> str:
        return _("This field is taken from the register or the listing and cannot be changed here.")


class NoSuchField(JikimiError):
    """The platform's form has no such field."""

    def __init__(self, key: Any) -> None:
        self.key = key
        super().__init__(key)

    def __str__(self) -> str:
        return _("The form has no field “%(key)s”.") % {"key": self.key}


class TextTooLong(JikimiError):
    """More text than any platform takes."""

    def __str__(self) -> str:
        return _("This text is too long.")


class NotEditable(JikimiError):
    """Only a draft can be edited."""

    def __str__(self) -> str:
        return _("Only a draft can be edited.")


class SecondPersonNeeded(JikimiError):
    """Who submitted a notice does not approve it."""

    def __str__(self) -> str:
        return _("A second person must approve the notice.")


class NoAddress(JikimiError):
    """The listing has no address a browser can open."""

    def __str__(self) -> str:
        return _("The listing has no web address, so no screenshot can be taken.")
