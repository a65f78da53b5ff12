"""`comity item`: share, preview, ask, consent, pass on, read."""

from typing import Any

import click

from comity.api.row_words import format_size
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, span_option, text_options, view
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_line, print_table

__all__ = ["COMMANDS", "print_answers"]


@click.group(cls=CommandGroup, help=say("Items of information: released by clause, passed on only with consent."))
def item() -> None:
    """See `help` above."""


item_option = click.option(
    "--item", "item_id", default="", metavar="ID", help=say("Which item, by the beginning of its id.")
)
under_option = click.option(
    "--caveat", "caveats", multiple=True, help=say("A caveat, such as `ONLY UNDER tisa-2014`; repeatable.")
)


def _body(
    texts: tuple[str, ...], level: str, topics: tuple[str, ...], caveats: tuple[str, ...]
) -> list[dict[str, object]]:
    marking = {"level": level, "topics": sorted(topics), "caveats": sorted(caveats)}
    found: list[dict[str, object]] = []
    for text in texts:
        language, _, content = text.partition("=") if text[2:3] == "=" else ("en", "", text)
        found.append({"marking": marking, "text": content, "language": language})
    return found


@act(item, "share", help="Share an item with the parties named by --to.")
@text_options
@under_option
def share(
    desk: Desk, texts: tuple[str, ...], level: str, topics: tuple[str, ...], caveats: tuple[str, ...]
) -> list[str]:
    """See `help` above."""
    portions = _body(texts, level or desk.find_open_level(), topics, caveats)
    return [desk.client.post("/v1/items", {"to": list(desk.to), "portions": portions})["item"]]


@view(
    item,
    "preview",
    help="Show what each party would be told if this were shared: permit, consent, or the clause against.",
)
@text_options
@under_option
def preview(desk: Desk, texts: tuple[str, ...], level: str, topics: tuple[str, ...], caveats: tuple[str, ...]) -> None:
    """See `help` above."""
    portions = _body(texts, level or desk.find_open_level(), topics, caveats)
    found = desk.client.post("/v1/items", {"to": desk.parties, "portions": portions, "preview": True})
    if is_json():
        emit(found)
        return
    print_answers(found)


def print_answers(found: dict[str, Any]) -> None:
    """Print what the funnel answers for each party."""
    rows = []
    for party, decision in found["by_party"]:
        handled = decision.get("handled_as") or {}
        verdict = "permit" if "path" in decision else "needs consent" if "of" in decision else "withheld"
        why = handled.get("level") or decision.get("of") or say_term(decision.get("reason", ""))
        rows.append((party, say(verdict), decision["clause"], why))
    print_table(("party", "answer", "clause", "handled as, or why"), rows)


@act(item, "ask", help="Ask the originator to let a party have an item.")
@item_option
@click.option("--for", "recipient", required=True, metavar="PARTY", help=say("Who is to have it."))
@span_option("--until", "24h", "For how long consent is wanted.")
def ask(desk: Desk, item_id: str, recipient: str, until: int) -> list[str]:
    """See `help` above."""
    (recipient,) = desk.check_parties((recipient,))
    held = desk.find("item", item_id)
    desk.to = (held["markings"][0]["originator"],)
    return desk.state(
        {"type": "PassOnRequested", "item": held["item"], "recipient": recipient, "wanted_until_at": desk.now() + until}
    )


@act(item, "consent", help="Consent, as originator, that a holder passes an item on to a recipient.")
@item_option
@click.option("--holder", required=True, metavar="PARTY", help=say("Who holds it."))
@click.option("--for", "recipient", required=True, metavar="PARTY", help=say("Who is to have it."))
@span_option("--until", "24h", "For how long consent is given.")
def consent(desk: Desk, item_id: str, holder: str, recipient: str, until: int) -> list[str]:
    """See `help` above."""
    holder, recipient = desk.check_parties((holder, recipient))
    held = desk.find("item", item_id)["item"]
    body = {"item": held, "holder": holder, "recipient": recipient, "expires_at": desk.now() + until}
    ids: list[str] = desk.client.post("/v1/items/consent", body)["ids"]
    return ids


@act(item, "pass-on", help="Pass another party's item on, with its originator's consent where a clause asks for it.")
@item_option
@click.option("--for", "recipient", required=True, metavar="PARTY", help=say("Who is to have it."))
def pass_on(desk: Desk, item_id: str, recipient: str) -> list[str]:
    """See `help` above."""
    (recipient,) = desk.check_parties((recipient,))
    held = desk.find("item", item_id)["item"]
    ids: list[str] = desk.client.post("/v1/items/pass-on", {"item": held, "to": recipient})["ids"]
    return ids


@view(item, "show", help="Show the items given by or to this party; one of them, opened and verified.")
@item_option
def show(desk: Desk, item_id: str) -> None:
    """See `help` above."""
    if item_id:
        read = desk.client.get(f"/v1/items/{desk.find('item', item_id)['item']}")
        if is_json():
            emit(read)
            return
        print_line("{originator}  {level}  {topics}", style="bold", originator=read["originator"],
                   level=read["marking"]["level"], topics=", ".join(read["marking"]["topics"]))  # fmt: skip
        for portion in read["portions"]:
            print_line("({level}) {text}", level=portion["marking"]["level"], text=portion["text"])
        return
    rows = desk.list("item")
    if is_json():
        emit(rows)
        return
    shown = [
        (row["item"][:16], row["given_by"], ", ".join(row["audience"]), row["markings"][0]["level"],
         ", ".join(f"{basis['party']}: {basis['clause']} → {basis['level']}" for basis in row["bases"]),
         format_dtg(Instant(row["at"])), _format_attached(row["attachments"]))
        for row in rows
    ]  # fmt: skip
    print_table(("item", "given by", "audience", "marking", "basis, handled as", "at", "attached"), shown)


def _format_attached(progress: dict[str, int]) -> str:
    """Return how large the attachments are together, and how many of their chunks are here."""
    if not progress["size_bytes"]:
        return ""
    return f"{format_size(progress['size_bytes'])} {progress['here']}/{progress['total'] or '?'}"


COMMANDS = (item,)
