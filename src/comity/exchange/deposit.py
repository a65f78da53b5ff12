"""Deposits: what a consumer put in, waiting for an officer of its party (docs/spec/exchange.md, X54).

A deposit is what came and nothing else: no object of it has a marking, none is in the record, and no consumer is told
of any of it but by its own status. What an officer takes is imported as his act, under what was set with the consumer.
"""

import enum
from collections.abc import Iterable
from typing import Annotated, Final, NamedTuple

import msgspec

from comity.base.limits import INSTANT_MS_MAX
from comity.exchange.consumer import NAME, Adding
from comity.exchange.taxii import format_us

__all__ = ["DEPOSIT_ID", "Deposit", "DepositState", "Outcome", "make_status"]

DEPOSIT_ID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class DepositState(enum.StrEnum):
    """How a deposit stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"


class Deposit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is shown of a deposit. `adding` is as it was set when the objects came; `officer` closed it."""

    format: Annotated[int, msgspec.Meta(ge=1, le=1)] = 1
    id: Annotated[str, msgspec.Meta(pattern=rf"^{DEPOSIT_ID}\Z")]
    consumer: Annotated[str, msgspec.Meta(pattern=rf"^{NAME}\Z")]
    came_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
    size_bytes: Annotated[int, msgspec.Meta(ge=0)]
    object_count: Annotated[int, msgspec.Meta(ge=0)]
    adding: Adding
    state: DepositState = DepositState.WAITING
    officer: Annotated[str, msgspec.Meta(max_length=48)] = ""
    closed_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)] = 0


class Outcome(NamedTuple):
    """What became of one object: in, refused by a code, or waiting still."""

    id: str
    version: str
    code: str = ""
    is_waiting: bool = False


def make_status(id_: str, outcomes: Iterable[Outcome], *, came_at: int) -> bytes:
    """Write the status resource of TAXII (section 4.3.1): complete once nothing waits any more."""
    at = format_us(came_at * 1000)
    came: list[dict[str, str]] = []
    failed: list[dict[str, str]] = []
    pending: list[dict[str, str]] = []
    for one in outcomes:
        row = {"id": one.id, "version": one.version or at}
        if one.is_waiting:
            pending.append(row)
        elif one.code:
            failed.append({**row, "message": one.code})
        else:
            came.append(row)
    return msgspec.json.encode({
        "id": id_, "status": "pending" if pending else "complete", "request_timestamp": at,
        "total_count": len(came) + len(failed) + len(pending), "success_count": len(came), "successes": came,
        "failure_count": len(failed), "failures": failed, "pending_count": len(pending), "pendings": pending,
    })  # fmt: skip
