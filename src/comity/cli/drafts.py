"""`comity warning drafts`, `send-draft`, `discard`: what the rules of the pact ask to be reported (W17)."""

from pathlib import Path
from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, choose, view
from comity.cli.alerts import out_option, write_out
from comity.cli.terminal import emit, is_json, print_line, print_table, print_text
from comity.cli.warning import warning
from comity.procedure.detected import DiscardReason
from comity.procedure.public_warning import WarningStep

__all__: list[str] = []


@view(warning, "drafts", help="List the drafts of threat reports that wait for an officer, with their evidence.")
@click.option("--all", "is_all", is_flag=True, help=say("Also those that were reported or discarded."))
def drafts(desk: Desk, is_all: bool) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/warning/drafts", **({"all": "true"} if is_all else {}))
    if is_json():
        emit(rows)
        return
    states = {"open": say("open"), "reported": say("reported"), "discarded": say("discarded")}
    for row in rows:
        print_text(row["words"][get_language()] or row["words"]["en"])
        print_line("Draft {id}, drafted {at}: {state}. Readers: {readers}", id=row["id"][:16],
                   at=format_dtg(Instant(row["drafted_at"])), state=states[row["state"]],
                   readers=", ".join(row["readers"]))  # fmt: skip
        if row["discarded"]:
            why = say_term(DiscardReason(row["discarded"]["reason"]))
            print_line("Discarded: {reason}", reason=f"{why}. {row['discarded']['words']}".rstrip(". "))
        if row["is_over"]:
            print_line("It is over: nothing is heard of it any more, or its impact is past.")
        _print_offered(row["offered"])


def _print_offered(rows: list[dict[str, Any]]) -> None:
    if rows:
        shown = [
            (row["id"][:16], row["party"], format_dtg(Instant(row["at"])), ", ".join(row["tracks"])) for row in rows
        ]
        print_table(("reported already", "party", "at", "tracks"), shown)


@act(warning, "send-draft", help="Report a draft to those named by --to, or to all who may read what it rests on.")
@click.argument("draft", metavar="DRAFT")
@click.option("--text", "texts", multiple=True, metavar="[LANGUAGE=]TEXT", help=say("Other words; repeatable."))
def send_draft(desk: Desk, draft: str, texts: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    marked: Any = desk.marked(texts, "-", ())
    words = {row["language"]: row["text"] for row in marked["translations"]}
    to = [] if set(desk.to) == set(desk.parties) else list(desk.to)
    asked = {"to": to, "words": words}
    ids: list[str] = desk.client.post(f"/v1/warning/drafts/{_find(desk, draft)}/send", asked)["ids"]
    return ids


@act(warning, "discard", help="Report nothing of a draft, and say why.")
@click.argument("draft", metavar="DRAFT")
@click.option("--reason", type=click.Choice([one.value for one in DiscardReason]), required=True, help=say("Why."))
@click.option("--words", default="", help=say("More about it, for your own party alone."))
def discard(desk: Desk, draft: str, reason: str, words: str) -> list[str]:
    """See `help` above."""
    asked = {"reason": reason, "words": words}
    ids: list[str] = desk.client.post(f"/v1/warning/drafts/{_find(desk, draft)}/discard", asked)["ids"]
    if not is_json():
        print_line("Discarded: {reason}", reason=say_term(DiscardReason(reason)))
    return ids


@view(warning, "public", help="List the public warnings of own areas: what was issued, and what is proposed now.")
def public(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/warning/public")
    if is_json():
        emit(rows)
        return
    steps = {"": "—", **{step.value: say_term(step) for step in WarningStep}}
    shown = [
        (row["report"][:16], row["area"], steps[row["last"]], steps[row["proposed"]],
         (row["issued"] or [""])[-1][:16]) for row in rows
    ]  # fmt: skip
    print_table(("report", "area", "last said", "proposed", "message"), shown)


@act(
    warning,
    "warn",
    help="Issue the public warnings that are proposed from a report: alert, update, all-clear, cancel.",
)
@click.argument("report", metavar="REPORT")
@click.option("--area", default="", help=say("Only to this area; else to all that are proposed."))
def warn(desk: Desk, report: str, area: str) -> list[str]:
    """See `help` above."""
    rows = [{**row, "id": row["report"]} for row in desk.client.get("/v1/warning/public")]
    asked = {"report": choose(rows, report)["id"], "area": area}
    ids: list[str] = desk.client.post("/v1/warning/public", asked)["ids"]
    return ids


@view(warning, "cap", help="Write one issued public warning as CAP 1.2.")
@click.argument("message", metavar="ID")
@out_option
def cap(desk: Desk, message: str, out: Path | None) -> None:
    """See `help` above."""
    rows = [{"id": id_} for row in desk.client.get("/v1/warning/public") for id_ in row["issued"]]
    write_out(desk.client.get_bytes(f"/v1/warning/public/{choose(rows, message)['id']}"), out)


def _find(desk: Desk, beginning: str) -> str:
    found: str = choose(desk.client.get("/v1/warning/drafts"), beginning)["id"]
    return found
