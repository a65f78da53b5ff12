"""Whether a change of watch is stated to its own party alone (P81): who is on watch is nobody else's.

Asked beside the funnel, which judges a note by its marking as any other text: an open note would go to all.
"""

from typing import TYPE_CHECKING

from comity.base.errors import UsageError
from comity.procedure.shift import ENTRIES

if TYPE_CHECKING:
    from comity.machine.input import Say
    from comity.machine.machine import Machine

__all__ = ["check_watch"]


def check_watch(machine: "Machine", say: "Say") -> None:
    """Refuse a change of watch that others would read.

    Raises:
        UsageError: `shift.not-own`.
    """
    if say.audience != (machine.party,) and any(isinstance(entry, ENTRIES) for entry in say.entries):
        raise UsageError("shift.not-own", parties=",".join(say.audience))
