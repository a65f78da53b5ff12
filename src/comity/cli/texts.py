"""`comity text`: a text that all issue, by silence procedure or by agreement."""

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, officer_options, span_option, text_options, view
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.procedure.text import BreakReason, TextKind

__all__ = ["COMMANDS", "text", "text_option"]


@click.group(cls=CommandGroup, help=say("A text that the parties issue together: versions, silence, adoption."))
def text() -> None:
    """See `help` above."""


text_option = click.option(
    "--id",
    "id_",
    default="",
    metavar="ID",
    help=say("Which one, by the beginning of its id; the open one if left out."),
)


@act(text, "open", help="Open a text and hold its pen.")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in TextKind]), default="joint-statement", show_default=True
)
@click.option(
    "--language", "languages", multiple=True, default=("en", "ja", "ko"), help=say("A language of equal authority.")
)
@click.option(
    "--consultation",
    default="",
    metavar="ID",
    help=say("The consultation that it belongs to; the open one if left out."),
)
def open_(desk: Desk, kind: str, languages: tuple[str, ...], consultation: str) -> list[str]:
    """See `help` above."""
    cited = [row["id"] for row in desk.list("consultation") if row["id"].startswith(consultation)]
    return desk.state({"type": "TextOpened", "consultation": cited[-1:], "kind": kind, "languages": sorted(languages)})


@act(text, "propose", help="Put a version in all its languages; a changed text needs a new silence.")
@text_option
@text_options
def propose(desk: Desk, id_: str, texts: tuple[str, ...], level: str, topics: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    held = desk.find("text", id_)
    follows = [held["version"]] if held["version"] else []
    body = desk.marked(texts, level, topics)
    return desk.state({"type": "TextVersionProposed", "text": held["id"], "follows": follows, "body": body})


@act(text, "silence", help="Ask for silence on the version on the table.")
@text_option
@span_option("--for", "24h", "How long until silence is consent (S-time).")
@span_option("--notice", "0s", "How long before S-time each party must have had the text, if longer than the pact's.")
def silence(desk: Desk, id_: str, notice: int, **spans: int) -> list[str]:
    """See `help` above."""
    held = desk.find("text", id_)
    return desk.state(
        {"type": "SilenceProposed", "text": held["id"], "version": held["version"],
         "until_at": desk.now() + spans["for"], "notice_ms": notice}
    )  # fmt: skip


def _answer(desk: Desk, id_: str, type_: str, **fields: object) -> list[str]:
    held = desk.find("text", id_)
    return desk.state({"type": type_, "text": held["id"], "version": held["version"], **fields})


@act(text, "hold", help="Hold: your party needs time; counts as broken if it is not lifted by S-time.")
@text_option
@officer_options
def hold(desk: Desk, id_: str, role: str, officer: str) -> list[str]:
    """See `help` above."""
    return _answer(desk, id_, "SilenceHeld", role=role, officer=officer)


@act(text, "lift", help="Lift your party's hold.")
@text_option
@officer_options
def lift(desk: Desk, id_: str, role: str, officer: str) -> list[str]:
    """See `help` above."""
    return _answer(desk, id_, "HoldLifted", role=role, officer=officer)


@act(text, "break", help="Break silence on the version on the table; one party is enough.")
@text_option
@click.option("--reason", type=click.Choice([reason.value for reason in BreakReason]), default="objection")
@officer_options
def break_(desk: Desk, id_: str, reason: str, role: str, officer: str) -> list[str]:
    """See `help` above."""
    return _answer(desk, id_, "SilenceBroken", reason=reason, role=role, officer=officer)


@act(text, "agree", help="Agree to the version on the table.")
@text_option
@officer_options
def agree(desk: Desk, id_: str, role: str, officer: str) -> list[str]:
    """See `help` above."""
    return _answer(desk, id_, "TextAgreed", role=role, officer=officer)


@view(text, "show", help="Show every text: where it stands, who kept silence, who holds.")
def show(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.list("text")
    if is_json():
        emit(rows)
        return
    for row in rows:
        until = format_dtg(Instant(row["until_at"])) if row["until_at"] else "—"
        print_line(
            "{status}  S-time {until}  {id}",
            style="bold",
            status=say_term(row["status"]),
            until=until,
            id=row["id"][:16],
        )
        for version in (row["on_the_table"] or {}).get("body", {}).get("translations", ()):
            print_line("  {language}: {text}", language=version["language"], text=version["text"])
        cells = [
            (cell["party"], say_term(cell["outcome"] or ("held" if cell["is_held"] else "—")),
             format_dtg(Instant(cell["received_at"])) if cell["received_at"] else "—")
            for cell in row["cells"]
        ]  # fmt: skip
        print_table(("party", "outcome", "has had the text since"), cells)


COMMANDS = (text,)
