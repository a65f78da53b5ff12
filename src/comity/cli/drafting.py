"""`comity text` for drafters: the pen from hand to hand, amendments, extensions, passages in brackets."""

import re
from typing import Any

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.cli.act import Desk, act, choose, span_option, text_options, view
from comity.cli.terminal import emit, is_json, print_line, print_table, print_warning
from comity.cli.texts import text, text_option

__all__ = ["COMMANDS"]


def _get_draft(desk: Desk, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.client.get(f"/v1/texts/{desk.find('text', id_)['id']}")
    return found


def _get_version(draft: dict[str, Any]) -> dict[str, Any]:
    if not draft["versions"]:
        raise UsageError("cli.none-here", kind="version")
    last: dict[str, Any] = draft["versions"][-1]
    return last


@act(text, "give-pen", help="Hand the pen to another party; it rests until that party takes it.")
@text_option
@click.option("--party", required=True, help=say("Who is to hold the pen."))
def give_pen(desk: Desk, id_: str, party: str) -> list[str]:
    """See `help` above."""
    to = desk.check_parties((party,))[0]
    return desk.state({"type": "PenHandedOver", "text": _get_draft(desk, id_)["id"], "to": to})


@act(text, "take-pen", help="Take the pen that was handed to your party.")
@text_option
def take_pen(desk: Desk, id_: str) -> list[str]:
    """See `help` above."""
    draft = _get_draft(desk, id_)
    if draft["offered_to"] != desk.party:
        raise UsageError("text.no-pen-offered", holder=draft["holder"], offered_to=draft["offered_to"])
    return desk.state({"type": "PenTakenOver", "text": draft["id"], "handed_over": draft["handed_over"]})


@act(text, "amend", help="Propose wording for the penholder to take up; by itself it breaks nothing.")
@text_option
@text_options
def amend(desk: Desk, id_: str, texts: tuple[str, ...], level: str, topics: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    draft = _get_draft(desk, id_)
    body = desk.marked(texts, level, topics)
    version = _get_version(draft)["digest"]
    return desk.state({"type": "TextAmendmentProposed", "text": draft["id"], "version": version, "body": body})


@act(text, "extend", help="Move the silence deadline of the version on the table to a later time.")
@text_option
@span_option("--by", "24h", "By how much.")
@span_option("--notice", "0s", "How long before S-time each party must have had the text, if longer than the pact's.")
def extend(desk: Desk, id_: str, by: int, notice: int) -> list[str]:
    """See `help` above."""
    held = desk.find("text", id_)
    until_at = held["until_at"] or 0
    return desk.state(
        {"type": "SilenceExtended", "text": held["id"], "version": held["version"], "from_at": until_at,
         "until_at": until_at + by, "notice_ms": notice}
    )  # fmt: skip


@act(text, "withdraw", help="Take the text off the table: the penholder alone does.")
@text_option
def withdraw(desk: Desk, id_: str) -> list[str]:
    """See `help` above."""
    return desk.state({"type": "TextWithdrawn", "text": _get_draft(desk, id_)["id"]})


@act(text, "bracket", help="Put a passage of the last version into brackets: your party has not agreed to it.")
@text_option
@click.option(
    "--passage",
    "passages",
    multiple=True,
    required=True,
    metavar="[LANGUAGE=]WORDS",
    help=say("The words of the passage as they stand in the version; repeat it for other languages."),
)
def bracket(desk: Desk, id_: str, passages: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    draft = _get_draft(desk, id_)
    version = _get_version(draft)
    if desk.find("text", draft["id"])["status"] in ("running", "closing") and not is_json():
        print_warning("Silence runs on this version, and a bracket holds nothing: hold or break if you do not consent.")
    found = sorted((_find_passage(version["texts"], one) for one in passages), key=lambda row: str(row["language"]))
    return desk.state(
        {"type": "PassageBracketed", "text": draft["id"], "version": version["digest"], "passages": found}
    )


def _find_passage(texts: dict[str, str], wish: str) -> dict[str, object]:
    """Return where a passage stands; it must stand there once."""
    match = re.fullmatch(r"([a-z]{2})=(.*)", wish, re.DOTALL)
    language, words = (match[1], match[2]) if match else ("en", wish)
    held = texts.get(language, "")
    if not words or held.count(words) != 1:
        raise UsageError("text.no-such-passage", language=language, count=held.count(words) if words else 0)
    first = held.index(words)
    return {"language": language, "first": first, "end": first + len(words)}


def bracket_option(command: Any) -> Any:
    """Add which bracket is meant."""
    return click.option(
        "--bracket", "bracket_id", default="", metavar="ID", help=say("Which bracket, by the beginning of its id.")
    )(command)


def _find_bracket(draft: dict[str, Any], beginning: str, *, party: str = "") -> str:
    rows = [row for row in draft["brackets"] if not row["is_lifted"] and party in ("", row["party"])]
    return str(choose(rows, beginning)["id"])


@act(text, "word", help="Propose words for a bracketed passage.")
@text_option
@bracket_option
@text_options
def word(
    desk: Desk, id_: str, bracket_id: str, texts: tuple[str, ...], level: str, topics: tuple[str, ...]
) -> list[str]:
    """See `help` above."""
    draft = _get_draft(desk, id_)
    wording = desk.marked(texts, level, topics)
    named = _find_bracket(draft, bracket_id)
    return desk.state({"type": "PassageWorded", "text": draft["id"], "bracket": named, "wording": wording})


@act(text, "lift-bracket", help="Lift a bracket of your party: the passage can stand.")
@text_option
@bracket_option
def lift_bracket(desk: Desk, id_: str, bracket_id: str) -> list[str]:
    """See `help` above."""
    draft = _get_draft(desk, id_)
    named = _find_bracket(draft, bracket_id, party=desk.party)
    return desk.state({"type": "BracketLifted", "text": draft["id"], "bracket": named})


@view(text, "draft", help="Show a text as its drafters need it: pen, versions, amendments, brackets.")
@text_option
def show_draft(desk: Desk, id_: str) -> None:
    """See `help` above."""
    draft = _get_draft(desk, id_)
    if is_json():
        emit(draft)
        return
    if draft["holder"]:
        print_line("Pen: {party}", party=draft["holder"], style="bold")
    else:
        print_line("The pen rests; {party} may take it.", party=draft["offered_to"], style="bold")
    if draft["versions"]:
        last = draft["versions"][-1]
        print_line("Version {number}  {digest}", number=last["number"], digest=last["digest"][:16])
        for language, words in last["texts"].items():
            print_line("  {language}: {text}", language=language, text=words)
    for row in draft["amendments"]:
        for one in row["entry"]["body"]["translations"]:
            print_line("Amendment by {party}: {language}: {text}", party=row["author"], language=one["language"],
                       text=one["text"])  # fmt: skip
    current = draft["versions"][-1]["digest"] if draft["versions"] else ""
    rows = [
        (
            row["id"][:12],
            row["party"],
            "; ".join(f"{language}: [{quote}]" for language, quote in row["quotes"].items()),
            "; ".join(f"{one['author']}: {_join(one['entry']['wording'])}" for one in row["wordings"]) or "—",
            say("lifted") if row["is_lifted"] else say("stands"),
        )
        for row in draft["brackets"]
        if row["version"] == current
    ]
    print_table(("bracket", "party", "passage", "words proposed", "state"), rows)


def _join(marked: dict[str, Any]) -> str:
    return " / ".join(row["text"] for row in marked["translations"])


COMMANDS = (text,)
