"""`comity inquiry` and `comity spillage`: asking for information, and telling of a loss (docs/guide/recall.md)."""

from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, choose, span_option, text_options, view
from comity.cli.help_page import CommandGroup
from comity.cli.item_copies import ROLE, by_options, find_copies
from comity.cli.items import item_option
from comity.cli.terminal import emit, is_json, print_table

__all__ = ["COMMANDS"]

ANSWERS = ("given", "given-in-part", "nothing-held", "declined")
REASONS = ("source", "level", "not-now", "national-law", "unstated")
KINDS = ("loss", "compromise", "possible-loss", "possible-compromise")
RESULTS = ("lost", "compromised", "recovered", "no-loss-found", "not-to-be-found-out")
STEPS = (
    "access-withdrawn", "copies-destroyed", "copies-recovered", "keys-replaced", "persons-instructed",
    "procedure-changed", "referred-to-authorities",
)  # fmt: skip


@click.group(cls=CommandGroup, help=say("Requests for information: who wants to know what by when, and the answers."))
def inquiry() -> None:
    """See `help` above."""


@click.group(cls=CommandGroup, help=say("Loss or compromise of another party's item, or the possibility of either."))
def spillage() -> None:
    """See `help` above."""


id_option = click.option(
    "--id",
    "request_id",
    default="",
    metavar="ID",
    help=say("Which one, by the beginning of its id; the open one if left out."),
)


def _find(desk: Desk, beginning: str) -> dict[str, Any]:
    """Return the one request meant; of several, the one that is not closed."""
    rows = [{**row, "status": "concluded" if row["is_closed"] else ""} for row in desk.client.get("/v1/inquiries")]
    return choose(rows, beginning)


@act(inquiry, "ask", help="Ask one or all others for information on a topic.")
@text_options
@click.option("--about", required=True, metavar="TOPIC", help=say("The topic of the pact that is asked about."))
@click.option("--protect-at", default="", help=say("The highest of your levels at which you can protect an answer."))
@span_option("--answer-within", "24h", "By when an answer is wanted.")
def ask(
    desk: Desk, texts: tuple[str, ...], level: str, topics: tuple[str, ...], about: str, protect_at: str,
    answer_within: int,
) -> list[str]:  # fmt: skip
    """See `help` above."""
    levels = desk.client.get("/v1/levels")
    highest = str(max(levels, key=lambda row: row["rank"])["id"])
    return desk.state(
        {"type": "InformationRequested", "topic": about, "level": protect_at or highest,
         "answer_by_at": desk.now() + answer_within, "text": desk.marked(texts, level, topics)}
    )  # fmt: skip


@act(inquiry, "answer", help="Answer a request for information, to its asker alone.")
@id_option
@click.option("--answer", "answered", type=click.Choice(ANSWERS), required=True, help=say("What you answer."))
@click.option("--reason", type=click.Choice(REASONS), default="unstated", show_default=True, help=say("Why."))
@item_option
def answer(desk: Desk, request_id: str, answered: str, reason: str, item_id: str) -> list[str]:
    """See `help` above."""
    found = _find(desk, request_id)
    asker, ids = found["request"]["author"], []
    if item_id:
        # To each audience in which it was given to the asker: nobody else learns that it answers.
        rows = [row for row in desk.list("item") if row["given_by"] == desk.party and asker in row["audience"]]
        item = choose(rows, item_id)
        desk.to = tuple(item["audience"])
        ids = desk.state({"type": "GivenInAnswer", "item": item["item"], "request": found["id"]})
    desk.to = (asker,)
    stated = {"type": "InformationAnswered", "request": found["id"], "answer": answered, "reason": reason}
    return [*ids, *desk.state(stated)]


@act(inquiry, "close", help="Say that you want no more answers to a request of yours.")
@id_option
def close(desk: Desk, request_id: str) -> list[str]:
    """See `help` above."""
    found = _find(desk, request_id)
    desk.to = tuple(found["request"]["audience"])
    return desk.state({"type": "InformationRequestClosed", "request": found["id"]})


@view(inquiry, "list", help="Show who asks for what by when, and what was answered.")
def list_inquiries(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/inquiries")
    if is_json():
        emit(rows)
        return
    shown = []
    for row in rows:
        entry = row["request"]["entry"]
        for cell in row["cells"]:
            items = ", ".join(item[:12] for item in cell["items"])
            state = f"{say_term(cell['state'])} {items}".strip()
            topic = desk.client.titles.title_of("topic", entry["topic"])
            shown.append((row["id"][:12], row["request"]["author"], topic, entry["level"],
                          format_dtg(Instant(entry["answer_by_at"])), cell["party"], state))  # fmt: skip
    print_table(("request", "asked by", "topic", "protected up to", "answer by", "party", "answer"), shown)


@act(spillage, "report", help="Tell an item's originator at once that it is or may be lost or compromised.")
@item_option
@click.option("--kind", type=click.Choice(KINDS), required=True, help=say("What happened, or may have."))
@span_option("--noticed-ago", "0s", "How long ago it was noticed.")
@by_options
def report(desk: Desk, item_id: str, kind: str, noticed_ago: int, role: str, officers: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    found = choose([{"id": row["item"], "to": row["path"][0]} for row in find_copies(desk, item_id)], item_id)
    desk.to = (found["to"],)
    return desk.state(
        {"type": "SpillageReported", "item": found["id"], "kind": kind, "noticed_at": desk.now() - noticed_ago,
         "role": role or ROLE, "officers": sorted(set(officers))}
    )  # fmt: skip


@act(spillage, "conclude", help="Tell what came of looking into a spillage, and what was done.")
@id_option
@click.option("--result", type=click.Choice(RESULTS), required=True, help=say("What was found."))
@click.option("--step", "steps", multiple=True, type=click.Choice(STEPS), help=say("What was done; repeatable."))
@by_options
def conclude(
    desk: Desk, request_id: str, result: str, steps: tuple[str, ...], role: str, officers: tuple[str, ...]
) -> list[str]:
    """See `help` above."""
    rows = [row for row in desk.client.get("/v1/spillages") if row["report"]["author"] == desk.party]
    unfinished = [row for row in rows if row["concluded"] is None]
    told = choose(rows if request_id else unfinished or rows, request_id)["report"]
    desk.to = tuple(told["audience"])
    return desk.state(
        {"type": "SpillageConcluded", "item": told["entry"]["item"], "report": told["id"], "result": result,
         "steps": sorted(set(steps)), "role": role or ROLE, "officers": sorted(set(officers))}
    )  # fmt: skip


@view(spillage, "list", help="Show what was reported lost or compromised, and what came of it.")
def list_spillages(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/spillages")
    if is_json():
        emit(rows)
        return
    shown = [
        (row["id"][:12], row["report"]["entry"]["item"][:12], row["report"]["author"],
         say_term(row["report"]["entry"]["kind"]), format_dtg(Instant(row["report"]["entry"]["noticed_at"])),
         format_dtg(Instant(row["report"]["written_at"])), _say_result(row["concluded"]))
        for row in rows
    ]  # fmt: skip
    print_table(("spillage", "item", "holder", "what", "noticed", "reported", "result"), shown)


def _say_result(concluded: dict[str, Any] | None) -> str:
    if concluded is None:
        return "—"
    entry = concluded["entry"]
    return "; ".join([say_term(entry["result"]), *(say_term(step) for step in entry["steps"])])


COMMANDS = (inquiry, spillage)
