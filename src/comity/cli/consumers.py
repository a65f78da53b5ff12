"""`comity consumer`: the systems that may poll this node, each on behalf of one party (docs/guide/exchange.md)."""

from pathlib import Path
from typing import Any

import click

from comity.api.words import say
from comity.base.catalogue import CODES
from comity.base.instants import Instant, format_dtg
from comity.cli.asking import Client, home_option, realm_option
from comity.cli.files import read_bounded
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.exchange.consumer import Format
from comity.exchange.misp_table import TABLE_SIZE_BYTES_MAX

__all__ = ["COMMANDS"]


@click.group(cls=CommandGroup, help=say("Systems that may poll this node: TAXII clients, MISP, calendars, maps."))
def consumer() -> None:
    """See `help` above."""


@consumer.command(help=say("Let a system poll this node on behalf of a party; its token is shown this once."))
@click.argument("name")
@click.option("--party", required=True, help=say("The party on whose behalf it reads; your own for your own systems."))
@click.option("--format", "formats", multiple=True, required=True, type=click.Choice([one.value for one in Format]),
              help=say("What it may ask for; repeatable."))  # fmt: skip
@click.option("--level", default="", help=say("The highest level that it gets; a system of your own needs one."))
@click.option("--topic", "topics", multiple=True, help=say("A topic that it gets; a system of your own needs one."))
@click.option("--add-to", multiple=True, metavar="PARTY", help=say("It may put objects in: to whom they are offered."))
@click.option("--add-topic", "add_topics", multiple=True, help=say("The topics of what it puts in."))
@click.option(
    "--add-level", default="", help=say("The level of what it puts in without a label, and the least of all.")
)
@click.option("--add-caveat", "add_caveats", multiple=True, help=say("A caveat on all that it puts in."))
@click.option("--report", "classes", multiple=True, metavar="CLASS",
              help=say("A class of tracks that it reports as Cursor on Target; repeatable."))  # fmt: skip
@click.option("--report-ce", "ce_m", type=float, help=say("Metres, one standard deviation, of a place that says none."))
@click.option("--report-le", "le_m", type=float, help=say("Metres, the same of a height that says none."))
@click.option("--report-speed", "speed_m_s", type=float, help=say("Metres a second, the same of a speed."))
@click.option(
    "--report-level",
    "meanings",
    multiple=True,
    metavar="WORD=LEVEL",
    help=say("What a word of `access` means in your scheme; =LEVEL for what says none; repeatable."),
)
@home_option
@realm_option
@json_option
def add(
    name: str, party: str, formats: tuple[str, ...], level: str, topics: tuple[str, ...], add_to: tuple[str, ...],
    add_topics: tuple[str, ...], add_level: str, add_caveats: tuple[str, ...], classes: tuple[str, ...],
    ce_m: float | None, le_m: float | None, speed_m_s: float | None, meanings: tuple[str, ...], home: Path, realm: str,
) -> None:  # fmt: skip
    """See `help` above."""
    wish: dict[str, Any] = {"name": name, "party": party.upper(), "formats": list(formats), "level": level,
                            "topics": list(topics)}  # fmt: skip
    if add_to or add_topics or add_level or add_caveats:
        wish["adding"] = {"to": [one.upper() for one in add_to], "topics": list(add_topics), "level": add_level,
                          "caveats": list(add_caveats)}  # fmt: skip
    if classes or meanings:
        levels = [{"word": word, "level": level} for word, _, level in (one.rpartition("=") for one in meanings)]
        wish["reporting"] = {"classes": list(classes), "ce_m": ce_m, "le_m": le_m, "speed_m_s": speed_m_s,
                             "levels": levels}  # fmt: skip
    made = Client(home, realm).post("/v1/consumers", wish)
    if is_json():
        emit(made)
        return
    print_line("Added {name}, reading for {party}. Its token, shown this once:", name=made["name"], party=made["party"])
    print_line("  {token}", token=made["token"])
    print_line("As user name and password: {name} and this token; or as a bearer token.", name=made["name"])


@consumer.command("list", help=say("The systems that may poll this node, and what each may get at most."))
@home_option
@realm_option
@json_option
def list_(home: Path, realm: str) -> None:
    """See `help` above."""
    rows = Client(home, realm).get("/v1/consumers")
    if is_json():
        emit(rows)
        return
    print_table(
        ("name", "party", "formats", "highest level", "topics", "puts in", "reports", "added"),
        [
            (row["name"], row["party"], ", ".join(row["formats"]), row["level"] or "—", ", ".join(row["topics"]) or "—",
             ", ".join(row["adding"]["to"]) if row["adding"] else "—",
             ", ".join(row["reporting"]["classes"]) if row["reporting"] else "—", format_dtg(Instant(row["added_at"])))
            for row in rows
        ],
    )  # fmt: skip


@consumer.command(help=say("Let a system poll this node no more, from now on."))
@click.argument("name")
@home_option
@realm_option
@json_option
def remove(name: str, home: Path, realm: str) -> None:
    """See `help` above."""
    removed = Client(home, realm).delete(f"/v1/consumers/{name}")
    if is_json():
        emit(removed)
        return
    print_line("Removed {name}: its token opens nothing any more.", name=removed["name"])


@consumer.command(help=say("Check consumers and misp.toml against the pact in force; or another table of MISP."))
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
@realm_option
@json_option
def check(file: Path | None, home: Path, realm: str) -> int:
    """See `help` above. Exit status 1 where something does not fit."""
    client, path = Client(home, realm), "/v1/exchange/check"
    found = client.get(path) if file is None else client.post_bytes(path, read_bounded(file, TABLE_SIZE_BYTES_MAX))
    if is_json():
        emit(found)
        return 1 if found else 0
    for row in found:
        print_line("{file}:{line}: {place}: {says} ({why}) [{code}]", file=str(file or row["file"]), line=row["line"],
                   place=row["row"], says=say(CODES[row["code"]].says), why=row["why"], code=row["code"])  # fmt: skip
    if not found:
        print_line("Consumers and tables fit the pact in force.")
    return 1 if found else 0


COMMANDS = (consumer,)
