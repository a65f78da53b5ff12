"""Whether the call-outs of a plan would work: the files that they name, and a trial of one that says that it is one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from comity.base.errors import OutageError, UsageError
from comity.base.instants import Instant
from comity.base.names import Party, Realm
from comity.node.alarm.notice import Notice
from comity.node.alarm.plan import Callout, Plan
from comity.node.alarm.ways import make_call

__all__ = ["Missing", "find_missing", "get_callout", "try_callout"]

_FILES: Final = ("password_file", "secret_file", "token_file", "authorities_file")


class Missing(NamedTuple):
    """A file that a call-out names and cannot use."""

    callout: str
    file: str


def find_missing(plan: Plan, folder: Path) -> Iterator[Missing]:
    """Yield each file that is not there, is empty, or, being a secret, lies open to others."""
    for row in plan.callout:
        for name in _FILES:
            file = getattr(row, name, None)
            if file is None:
                continue
            path = folder / file
            is_open = name != "authorities_file" and path.is_file() and path.stat().st_mode & 0o077
            if not path.is_file() or not path.stat().st_size or is_open:
                yield Missing(row.name, file)


def get_callout(plan: Plan, name: str) -> Callout:
    """Return a call-out by its name.

    Raises:
        UsageError: `callout.unknown`.
    """
    row = plan.find_callout(name)
    if row is None:
        raise UsageError("callout.unknown", name=name[:48])
    return row


async def try_callout(row: Callout, folder: Path, *, party: Party, realm: Realm, at: Instant) -> str:
    """Call out once, saying that it is a test; return why it failed, or nothing."""
    try:
        await make_call(row, Notice(party, realm, "test", at, 0, "test"), folder)
    except OutageError as error:
        return str(error.details["why"])
    return ""
