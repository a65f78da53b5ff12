"""`comity item copies` and `comity item destroy`: who holds which copy, and getting rid of one's own for good."""

from typing import Any, Final

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import DUTY_OFFICER, Desk, act, choose, view
from comity.cli.asking import find_acting_name
from comity.cli.items import item, item_option
from comity.cli.terminal import emit, is_json, print_table

__all__ = ["COMMANDS", "ROLE", "by_options", "find_copies"]

ROLE: Final = "release-officer"


def by_options(command: Any) -> Any:
    """Add `--role`, and `--officer` once or more."""
    command = click.option(
        "--role", default="", callback=lambda context, _, value: value or ("" if find_acting_name(context) else ROLE),
        help=say("The role you act in; if left out that of the officer who acts, else the release officer's."),
    )(command)  # fmt: skip
    return click.option(
        "--officer", "officers", multiple=True,
        callback=lambda context, _, value: value or (find_acting_name(context) or DUTY_OFFICER,),
        help=say("A pseudonym of who does it; repeat it where two do. That of the officer who acts if left out."),
    )(command)  # fmt: skip


def find_copies(desk: Desk, beginning: str) -> list[dict[str, Any]]:
    """Return the copies of the one item whose id begins like that; of all items if nothing is said."""
    rows: list[dict[str, Any]] = desk.client.get("/v1/copies")
    if not beginning:
        return rows
    item_id = choose([{"id": row["item"]} for row in rows], beginning)["id"]
    return [row for row in rows if row["item"] == item_id]


@view(item, "copies", help="Show who holds which copy of an item, on which basis, and how it stands.")
@item_option
def copies(desk: Desk, item_id: str) -> None:
    """See `help` above."""
    rows = find_copies(desk, item_id)
    if is_json():
        emit(rows)
        return
    shown = [
        (row["item"][:12], row["holder"], " > ".join(row["path"]), row["clause"] or "—", row["handled_as"] or "—",
         format_dtg(Instant(row["since"])), format_dtg(Instant(row["expires_at"])) if row["expires_at"] else "—",
         _say_state(row))
        for row in rows
    ]  # fmt: skip
    print_table(("item", "holder", "by way of", "clause", "handled as", "since", "expires", "state"), shown)


def _say_state(row: dict[str, Any]) -> str:
    said = say_term(row["state"])
    if row["destroyed_at"] is not None:
        return f"{said}, {format_dtg(Instant(row['destroyed_at']))} [{row['certificate'][:12]}]"
    if row["state"] in ("asked-back", "answer-overdue"):
        return f"{said}, {format_dtg(Instant(row['answer_by_at']))}"
    return said


@act(item, "destroy", help="Destroy every copy of an item that is here, blob and key, and certify it.")
@item_option
@by_options
def destroy(desk: Desk, item_id: str, role: str, officers: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    rows = find_copies(desk, item_id)
    found = choose([{"id": row["item"]} for row in rows], item_id)["id"]
    body = {"item": found, "role": role, "officers": list(officers)}
    ids: list[str] = desk.client.post("/v1/items/destroy", body)["ids"]
    return ids


COMMANDS = ()
