"""`comity quarantine`: what came outside any agreement, why, and letting it out on a ground (docs/guide/recall.md)."""

from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, choose, view
from comity.cli.help_page import CommandGroup
from comity.cli.item_copies import by_options
from comity.cli.terminal import emit, is_json, print_table

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("Items that should not have come: kept apart, unread; their sender is told."))
def quarantine() -> None:
    """See `help` above."""


@view(quarantine, "list", help="Show what is in quarantine, by which clause, and whether its sender was told.")
def list_(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/quarantine")
    if is_json():
        emit(rows)
        return
    shown = [
        (row["giving"][:12], row["item"][:12], row["given_by"], format_dtg(Instant(row["at"])), row["clause"],
         say_term(row["reason"]), _say_state(row))
        for row in rows
    ]  # fmt: skip
    print_table(("giving", "item", "given by", "at", "clause", "why", "state"), shown)


def _say_state(row: dict[str, Any]) -> str:
    if row["released_by"] is not None:
        return say("let out")
    if not row["is_judged"]:
        return say("kept apart until it can be judged")
    return say("kept apart, its sender told") if row["reported_by"] is not None else say("kept apart")


@act(quarantine, "release", help="Let an item out of quarantine, since a ground for it has come.")
@click.option("--giving", default="", metavar="ID", help=say("Which giving, by the beginning of its id."))
@by_options
def release(desk: Desk, giving: str, role: str, officers: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    rows = [{"id": row["giving"]} for row in desk.client.get("/v1/quarantine") if row["released_by"] is None]
    body = {"giving": choose(rows, giving)["id"], "role": role, "officers": list(officers)}
    ids: list[str] = desk.client.post("/v1/quarantine/release", body)["ids"]
    return ids


COMMANDS = (quarantine,)
