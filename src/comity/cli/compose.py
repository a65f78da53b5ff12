"""`comity item compose` and `comity item read`: a draft torn for its recipients, and an item as its reader sees it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import UsageError
from comity.cli.act import Desk, view
from comity.cli.attaching import hand_in
from comity.cli.item_file import Attached, read_item_file
from comity.cli.item_sheet import (
    format_handled,
    format_marking,
    print_awaited,
    print_head,
    print_portion,
    print_tear_line,
)
from comity.cli.items import item
from comity.cli.terminal import emit, is_json, print_line, print_table, print_text
from comity.procedure.verdict import Reason

__all__ = ["COMMANDS"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@view(item, "compose", help="Give each party named by --to what it may have of a draft, in items of its own.")
@click.argument("file", type=_FILE)
@click.option("--to", "named", required=True, multiple=True, metavar="PARTY",
              help=say("Who is to have what it may have; repeatable."))  # fmt: skip
@click.option("--preview", is_flag=True, help=say("Only show the exact text that each party would get."))
@click.option("--plan", default="", metavar="HEX",
              help=say("Send only if it is still what a preview with this plan showed."))  # fmt: skip
@click.option(
    "--attach",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help=say("A file to attach as a portion of its own, marked by --level and --topic; repeatable."),
)
@click.option("--media", default="application/octet-stream", show_default=True, metavar="TYPE",
              help=say("The media type of the files of --attach."))  # fmt: skip
@click.option("--level", default="", help=say("The level of the files of --attach, in your own scheme."))
@click.option("--topic", "topics", multiple=True, help=say("A topic of the files of --attach; repeatable."))
@click.option("--caveat", "caveats", multiple=True, help=say("A caveat of the files of --attach; repeatable."))
def compose(
    desk: Desk,
    file: Path,
    named: tuple[str, ...],
    preview: bool,
    plan: str,
    attach: tuple[Path, ...],
    media: str,
    level: str,
    topics: tuple[str, ...],
    caveats: tuple[str, ...],
) -> None:
    """See `help` above."""
    read, to = read_item_file(file), list(desk.check_parties(named))
    more = [Attached(path, media) for path in attach]
    marking = {"level": level, "topics": sorted(topics), "caveats": sorted(caveats)}
    if more and not (level and topics):
        raise UsageError("item.file", why=say("--attach needs --level and --topic"))
    forms = [*read.portions, *({"marking": marking, "kind": "attachment"} for _ in more)]
    files = {**read.attached, **dict(enumerate(more, start=len(read.portions)))}
    ids = hand_in(desk.client, list(files.values()))
    for place, id_ in zip(files, ids, strict=True):
        forms[place] = {**forms[place], "attachment": id_, "media": files[place].media}
    try:
        found = desk.client.post(
            "/v1/items/compose",
            {"to": to, "portions": forms, "expires_at": read.expires_at, "preview": preview, "plan": plan},
        )
    finally:
        for id_ in ids:  # those that were given wait no more
            desk.client.delete(f"/v1/attachments/{id_}")
    if is_json():
        emit(found)
        return
    _print_items(found, is_preview=preview)
    _print_withheld(found)
    if preview:
        print_text("")
        print_line("plan {plan}: nothing was sent", plan=found["plan"])


def _print_items(found: Mapping[str, Any], *, is_preview: bool) -> None:
    for place, one in enumerate(found["items"]):
        if place:
            print_tear_line()
        to, marking = ", ".join(one["to"]), format_marking(one["marking"])
        if is_preview or one["awaits"]:
            print_line("to {to}:  {marking}", style="bold", to=to, marking=marking)
        else:
            print_line("given to {to}:  {marking}  {item}", style="bold", to=to, marking=marking, item=one["item"][:16])
        print_awaited(one.get("awaits", ""))
        for party, handled in one["handled_as"].items():
            print_line("{party} handles it as {level}", party=party, level=format_handled(handled))
        for portion in one["portions"] if is_preview else ():
            print_portion(portion)
    if not found["items"]:
        print_line("nobody would be given anything")


def _print_withheld(found: Mapping[str, Any]) -> None:
    rows = []
    for one in found["withheld"]:
        decision = one["decision"]
        why = say_term(Reason(decision["reason"])) if "reason" in decision else say("needs consent")
        rows.append((one["party"], one["of"], decision["clause"], why))
    if rows:
        print_text("")
        print_table(("not to", "portion of the draft", "clause", "why"), rows)


@view(item, "read", help="Read an item, opened and verified: each portion, its marking and how it is handled here.")
@click.argument("beginning", metavar="ID")
def read(desk: Desk, beginning: str) -> None:
    """See `help` above."""
    found = desk.client.get(f"/v1/items/{desk.find('item', beginning)['item']}")
    if is_json():
        emit(found)
        return
    print_head(found)
    for portion in found["portions"]:
        print_portion(portion)
    for other in found["linked"]:
        print_tear_line()
        print_line("of the same draft: {item}, to {to}", item=other["item"][:16],
                   to=", ".join(party for party in other["audience"] if party != desk.party))  # fmt: skip


COMMANDS = (item,)
