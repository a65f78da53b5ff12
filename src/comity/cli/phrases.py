"""`comity message phrases|phrase|translate` and `comity voice`: phrases, translations, the log of voice calls."""

import re
from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.cli.act import Desk, act, choose, officer_options, text_options, view
from comity.cli.help_page import CommandGroup
from comity.cli.hotline import find_answered, find_message, message, message_option, precedence_options
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.procedure.voice import VoiceCheck

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("The log of voice calls: when, with whom, and by which challenge and reply."))
def voice() -> None:
    """See `help` above."""


def gap_options(command: Any) -> Any:
    """Add what fills the gaps of a phrase."""
    for option in (
        click.option("--party", "parties", multiple=True, help=say("Fills party_1, party_2 and so on, in this order.")),
        click.option("--at", "instants", multiple=True, metavar="TIME", help=say("Fills at_1, at_2 and so on.")),
        click.option("--number", "numbers", multiple=True, type=int, help=say("Fills number_1, number_2 and so on.")),
    ):
        command = option(command)
    return command


def _fill(phrase: str, parties: tuple[str, ...], instants: tuple[str, ...], numbers: tuple[int, ...]) -> dict[str, Any]:
    return {
        "phrase": phrase,
        "parties": [party.upper() for party in parties],
        "instants": [parse_instant(at) for at in instants],
        "numbers": list(numbers),
    }


@view(message, "phrases", help="Show the standard phrases, which each reader reads in his own language.")
def phrases(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/phrases")
    if is_json():
        emit(rows)
        return
    chosen = get_language()
    print_table(("clause", "words"), [(row["id"], row["words"].get(chosen, row["words"]["en"])) for row in rows])


@act(message, "phrase", help="Send a standard phrase: no translation is waited for.")
@click.argument("phrase")
@gap_options
@precedence_options
def send_phrase(
    desk: Desk,
    phrase: str,
    parties: tuple[str, ...],
    instants: tuple[str, ...],
    numbers: tuple[int, ...],
    **options: str,
) -> list[str]:
    """See `help` above."""
    return desk.state(
        {"type": "PhraseSent", "channel": options["channel"], "level": options["at_level"],
         "precedence": options["precedence"], "consultation": [],
         "answers": find_answered(desk, options["answers"]),
         "filled": _fill(phrase, parties, instants, numbers)}
    )  # fmt: skip


@act(message, "phrase-back", help="Read a standard phrase back with what filled its gaps, as you read it.")
@click.argument("phrase")
@gap_options
@message_option
def read_phrase_back(
    desk: Desk, phrase: str, parties: tuple[str, ...], instants: tuple[str, ...], numbers: tuple[int, ...], id_: str
) -> list[str]:
    """See `help` above."""
    filled = _fill(phrase, parties, instants, numbers)
    return desk.state({"type": "PhraseReadBack", "message": find_message(desk, id_), "filled": filled})


@act(message, "translate", help="Attach a translation to a message; it is shown as your party's own word.")
@message_option
@text_options
@officer_options
def translate(
    desk: Desk, id_: str, texts: tuple[str, ...], level: str, topics: tuple[str, ...], role: str, officer: str
) -> list[str]:
    """See `help` above."""
    body = desk.marked(texts, level, topics)
    named = {"message": find_message(desk, id_), "role": role, "officer": officer}
    return desk.state({"type": "MessageTranslated", **named, "body": body})


def check_options(command: Any) -> Any:
    """Add how the other end proved who it was."""
    for option in (
        click.option("--challenge", default="", help=say("The challenge that was spoken, as 7K.")),
        click.option("--reply", default="", help=say("The reply that was spoken.")),
        click.option("--failed", is_flag=True, help=say("The reply was wrong, or none came.")),
    ):
        command = option(command)
    return command


def _make_check(challenge: str, reply: str, *, failed: bool) -> dict[str, object]:
    for code in (challenge, reply):
        if not re.fullmatch(r"[A-Za-z0-9]{0,8}", code):
            raise click.BadParameter(say("a code is up to eight letters and digits"))
    check = VoiceCheck.NOT_ASKED if not challenge else VoiceCheck.FAILED if failed or not reply else VoiceCheck.PROVED
    codes = {"challenge": [challenge.upper()] if challenge else [], "reply": [reply.upper()] if reply else []}
    return {"check": check.value, **codes}


@act(voice, "log", help="Log a voice call that your party had on a line.")
@click.option("--with", "with_", multiple=True, required=True, metavar="PARTY", help=say("Who it was with."))
@click.option("--channel", default="hotline.nsc", show_default=True, help=say("The hotline, by its clause."))
@click.option("--at-level", default="watch", show_default=True, help=say("The level that spoke."))
@click.option("--from", "from_", required=True, metavar="TIME", help=say("When it began."))
@click.option("--until", required=True, metavar="TIME", help=say("When it ended."))
@check_options
@officer_options
def log_call(desk: Desk, with_: tuple[str, ...], failed: bool, **options: str) -> list[str]:
    """See `help` above."""
    return desk.state(
        {"type": "VoiceCallLogged", "channel": options["channel"], "level": options["at_level"],
         "parties": sorted(desk.check_parties(with_)), "began_at": parse_instant(options["from_"]),
         "ended_at": parse_instant(options["until"]), "consultation": [],
         **_make_check(options["challenge"], options["reply"], failed=failed),
         "role": options["role"], "officer": options["officer"]}
    )  # fmt: skip


@act(voice, "confirm", help="Say what your own notes have of a voice call that another party logged.")
@click.option("--id", "id_", default="", metavar="ID", help=say("Which one, by the beginning of its id."))
@check_options
@officer_options
def confirm_call(desk: Desk, id_: str, failed: bool, **options: str) -> list[str]:
    """See `help` above."""
    rows = [row for row in desk.client.get("/v1/voice-calls") if row["logged"] and not row["is_withdrawn"]]
    mine = [row for row in rows if desk.party in [cell["party"] for cell in row["cells"]]]
    open_ = [row for row in mine if any(cell["party"] == desk.party and not cell["stated"] for cell in row["cells"])]
    call = choose(mine if id_ else open_, id_)["id"]
    check = _make_check(options["challenge"], options["reply"], failed=failed)
    by = {"role": options["role"], "officer": options["officer"]}
    return desk.state({"type": "VoiceCallConfirmed", "call": call, **check, **by})


@view(voice, "show", help="Show the voice calls, and whether each account agrees with the log.")
def show_calls(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/voice-calls")
    if is_json():
        emit(rows)
        return
    for row in rows:
        if row["logged"] is None:
            continue
        entry = row["logged"]["entry"]
        print_line(
            "{channel}  {party}  {began_at} – {ended_at}  {check}  {id}",
            style="bold",
            channel=desk.client.titles.title_of("channel", entry["channel"]),
            party=row["logged"]["author"],
            began_at=format_dtg(Instant(entry["began_at"])),
            ended_at=format_dtg(Instant(entry["ended_at"])),
            check=say_term(VoiceCheck(entry["check"])),
            id=row["id"][:16],
        )
        if entry["challenge"]:
            codes = {"challenge": entry["challenge"][0], "reply": (entry["reply"] or ["—"])[0]}
            print_line("  challenge {challenge}, reply {reply}", **codes)
        print_table(("party", "account"), [(cell["party"], _say_account(cell["account"])) for cell in row["cells"]])


def _say_account(account: str) -> str:
    return {
        "agrees": say("its account agrees"), "differs": say("its account differs"), "none": say("no account given")
    }[account]  # fmt: skip


COMMANDS = (message, voice)
