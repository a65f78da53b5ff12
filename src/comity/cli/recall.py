"""`comity recall`: ask an item back, pass a recall on, answer one, report what came of it (docs/guide/recall.md)."""

from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, choose, span_option, view
from comity.cli.help_page import CommandGroup
from comity.cli.item_copies import by_options, find_copies
from comity.cli.items import item_option
from comity.cli.terminal import emit, is_json, print_line, print_table

__all__ = ["COMMANDS"]

REASONS = ("shared-by-mistake", "wrong-marking", "compromised", "superseded", "unstated")
FATES = ("destroyed", "kept-under-national-law", "declined")
COPIES = ("none-made", "made-and-destroyed", "made-and-kept", "not-known")


@click.group(cls=CommandGroup, help=say("Ask back what was given, and answer for what is held."))
def recall() -> None:
    """See `help` above."""


id_option = click.option(
    "--id", "recall_id", default="", metavar="ID", help=say("Which recall, by the beginning of its id.")
)


def _find(desk: Desk, beginning: str) -> str:
    """Return the id of the one recall that asks this party and begins like that; of several, the one not answered."""
    rows = desk.client.get("/v1/recalls")["recalls"]
    mine = [{**row, "status": row["state"]} for row in rows if row["party"] == desk.party]
    unanswered = [row for row in mine if row["answered_at"] is None]
    return str(choose(mine if beginning else unanswered or mine, beginning)["id"])


@act(recall, "ask", help="Ask an item of yours back from everybody to whom you gave it.")
@item_option
@click.option("--reason", type=click.Choice(REASONS), default="unstated", show_default=True, help=say("Why."))
@span_option("--answer-within", "72h", "By when an answer is wanted.")
@click.option("--also", multiple=True, metavar="PARTY", help=say("A holder known by report alone, to be asked too."))
def ask(desk: Desk, item_id: str, reason: str, answer_within: int, also: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    found = choose([{"id": row["item"]} for row in find_copies(desk, item_id)], item_id)["id"]
    body = {"item": found, "reason": reason, "answer_by_at": desk.now() + answer_within,
            "to": list(desk.check_parties(also))}  # fmt: skip
    ids: list[str] = desk.client.post("/v1/recalls", body)["ids"]
    return ids


@act(recall, "pass-on", help="Ask back, as you were asked, what you gave further.")
@id_option
@span_option("--answer-within", "48h", "By when an answer is wanted.")
def pass_on(desk: Desk, recall_id: str, answer_within: int) -> list[str]:
    """See `help` above."""
    body = {"request": _find(desk, recall_id), "answer_by_at": desk.now() + answer_within}
    ids: list[str] = desk.client.post("/v1/recalls/pass-on", body)["ids"]
    return ids


@act(recall, "answer", help="Answer a recall. To answer destroyed destroys what is here: blob and key, for good.")
@id_option
@click.option("--fate", type=click.Choice(FATES), required=True, help=say("What becomes of the copy that is here."))
@click.option("--copies", type=click.Choice(COPIES), default="not-known", show_default=True,
              help=say("What became of copies elsewhere: on paper, in other systems."))  # fmt: skip
@by_options
def answer(desk: Desk, recall_id: str, fate: str, copies: str, role: str, officers: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    body = {"request": _find(desk, recall_id), "fate": fate, "copies": copies, "role": role,
            "officers": list(officers)}  # fmt: skip
    ids: list[str] = desk.client.post("/v1/recalls/answer", body)["ids"]
    return ids


@act(recall, "report", help="Tell who recalled an item what those answered to whom you gave it further.")
@id_option
def report(desk: Desk, recall_id: str) -> list[str]:
    """See `help` above."""
    ids: list[str] = desk.client.post("/v1/recalls/report", {"request": _find(desk, recall_id)})["ids"]
    return ids


@view(recall, "list", help="Show who asked whom to give an item up, by when, and what was answered.")
def list_(desk: Desk) -> None:
    """See `help` above."""
    found = desk.client.get("/v1/recalls")
    if is_json():
        emit(found)
        return
    shown = [
        (row["id"][:12], row["item"][:12], row["asked_by"], row["party"], say_term(row["reason"]),
         format_dtg(Instant(row["answer_by_at"])), _say_answer(row))
        for row in found["recalls"]
    ]  # fmt: skip
    print_table(("recall", "item", "asked by", "party", "why", "answer by", "answer"), shown)
    for fault in found["faults"]:
        print_line("{entry} counts for nothing: {fault}", entry=fault["entry"][:12], fault=say_term(fault["fault"]))


def _say_answer(row: dict[str, Any]) -> str:
    parts = [say_term(row["state"])]
    if row["answered_at"] is not None:
        parts += [f"{say('copies elsewhere')}: {say_term(row['copies'])}", say_term(row["onward"])]
    parts += [f"{told['party']}: {say_term(told['fate'])}" for told in row["reports"]]
    return "; ".join(parts)


COMMANDS = (recall,)
