"""What can go wrong, by whose move is next.

- `UsageError`: the pact, or the shape of a command, does not allow this now. The caller changes the request.
- `RemoteError`: another party's bytes break the rules. Recorded as a refusal, the bytes kept as evidence.
- `OutageError`: the same call may work later.
- A failed assertion: our own promise is broken. Stop; journals stay whole.

Every error carries a code of `catalogue.CODES`. Codes are API; wording is not. No payload, key or name from an
audience that the reader is not in may stand in an error (law 2): details are counts, numbers, codes and public ids.
"""

from collections.abc import Mapping
from typing import Final

from comity.base.catalogue import CODES, Code, Fault

__all__ = ["ComityError", "OutageError", "RemoteError", "UsageError", "get_code", "make_error"]


def get_code(name: str) -> Code:
    """Return the catalogue's row for `name`; an unknown code is a bug of ours."""
    code = CODES.get(name)
    assert code is not None, f"error code {name!r} is not in the catalogue"
    return code


class ComityError(Exception):
    """An error with a stable code. Raise one of its three families, never this."""

    fault: Fault

    def __init__(self, code: str, /, **details: object) -> None:
        row = get_code(code)
        assert row.fault is self.fault, f"{code} is a {row.fault.value} code, raised as {type(self).__name__}"
        super().__init__(code)
        self.code = code
        self.details: Mapping[str, object] = details

    @property
    def row(self) -> Code:
        """The catalogue's row: what it says, its hint, HTTP and exit status."""
        return get_code(self.code)

    def __str__(self) -> str:
        """English wording with the details, for logs and tests; people read it through the message catalogue."""
        shown = ", ".join(f"{name}={value}" for name, value in self.details.items())
        return f"[{self.code}] {self.row.says}" + (f" ({shown})" if shown else "")


class UsageError(ComityError):
    """The caller broke a rule: the pact, the state or the shape of the call does not allow this now."""

    fault = Fault.USAGE


class RemoteError(ComityError):
    """Bytes from outside break a rule. `evidence` holds them as they arrived, bounded by the door's size limit."""

    fault = Fault.REMOTE

    def __init__(self, code: str, /, *, evidence: bytes = b"", **details: object) -> None:
        super().__init__(code, **details)
        self.evidence = evidence


class OutageError(ComityError):
    """Something is down; the same call may work later."""

    fault = Fault.OUTAGE


_FAMILIES: Final[Mapping[Fault, type[ComityError]]] = {
    family.fault: family for family in (UsageError, RemoteError, OutageError)
}


def make_error(code: str, /, **details: object) -> ComityError:
    """Return the error of a code that came as a value, in the family that the catalogue puts it in."""
    return _FAMILIES[get_code(code).fault](code, **details)
