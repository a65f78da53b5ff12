"""`comity node run` and `comity status`."""

from pathlib import Path
from typing import Any, Final

import click

from comity.api.row_words import format_size
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.asking import Client, home_option, realm_option
from comity.cli.pact_standing import print_pact_standing
from comity.cli.rooms import Rooms
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.pact.offices import Act

__all__ = ["COMMANDS"]

SHOWN_COUNT: Final = 20
"""Findings about officers that are printed; the rest is a number."""


@click.group(cls=Rooms, rooms={"run": ("serve",)}, help=say("Run this party's node."))
def node() -> None:
    """See `help` above."""


@node.command(help=say("What the node runs on: versions, disk, store, backup, keys and epochs."))
@home_option
@realm_option
@json_option
def show(home: Path, realm: str) -> None:
    """See `help` above."""
    view = Client(home, realm).get("/v1/node")
    if is_json():
        emit(view)
        return
    print_line("Version {version}, layout {layout}, store {format}, pact version {pact}", style="bold",
               version=view["version"], layout=view["layout"], format=view["store_format"],
               pact=view["pact_version"])  # fmt: skip
    sizes = (view["disk_free_bytes"], view["store_size_bytes"])
    free, store = (format_size(size) if size >= 0 else "—" for size in sizes)
    print_line("Free on the disk: {free}. The store takes {store}.", free=free, store=store)
    if view["backed_up_at"]:
        print_line("Last backup: {at}", at=format_dtg(Instant(view["backed_up_at"])))
    else:
        print_line("No backup of this home is known: comity backup FILE", style="bold yellow")
    print_table(
        ("party", "incarnation", "node key", "certified", "state"),
        [(row["party"], str(row["incarnation"]), row["node_key"][:16], format_dtg(Instant(row["issued_at"])),
          say("in use") if row["is_in_use"] else say("replaced")) for row in view["keys"]],
    )  # fmt: skip


@click.command(help=say("How this node stands: links, what is missing, what waits for whom, alarms."))
@home_option
@realm_option
@json_option
def status(home: Path, realm: str) -> None:
    """See `help` above."""
    view = Client(home, realm).get("/v1/status")
    if is_json():
        emit(view)
        return
    print_line("{party} in realm {realm}", style="bold", party=view["party"], realm=view["realm"])
    missing = sorted(set(view["parties"]) - set(view["accepted_by"]))
    if view["is_in_force"]:
        print_line("The pact is in force.")
    else:
        print_line("The pact is not in force: waiting for {parties}.", parties=", ".join(missing))
    print_pact_standing(view)
    _print_waiting(view["waiting"], view["deposits_waiting"])
    for row in view["arriving"]:
        print_line("On its way: attachments of item {item} from {party}, {here} of {size}.",
                   item=row["item"][:16], party=row["given_by"], here=format_size(row["here_bytes"]),
                   size=format_size(row["size_bytes"]))  # fmt: skip
    rows = [
        (link["party"], say("up") if link["is_up"] else say("down"),
         format_dtg(Instant(link["heard_at"])) if link["heard_at"] else say("not since the start"))
        for link in view["links"]
    ]  # fmt: skip
    print_table(("party", "link", "last heard"), rows)
    print_line("{count} pages stored.", count=view["page_count"])
    _print_store(view["store"])
    for hole in view["holes"]:
        print_line(
            "Missing: pages {first} to {last} of journal {journal}.",
            first=hole["first"],
            last=hole["last"],
            journal=hole["journal"][:16],
        )
    for row in view["unconfirmed"]:
        audience = ", ".join(row["audience"])
        if row["path"] == "no-path":
            print_line(
                "No path to {party} for what was said to {audience}: carry a bundle (`comity export`).",
                party=row["party"],
                audience=audience,
                style="bold red",
            )
        else:
            print_line(
                "{party} has not confirmed {count} pages to {audience}.",
                party=row["party"],
                count=row["page_count"],
                audience=audience,
            )
    for row in view["closed"]:
        _print_closed(row)
    _print_beyond_power(view)
    for alarm in view["alarms"]:
        print_line(
            "Alarm {at}: {code} {details}",
            at=format_dtg(Instant(alarm["at"])),
            code=alarm["code"],
            details=", ".join(f"{name} {value}" for name, value in alarm["details"].items()),
            style="red",
        )


def _print_beyond_power(view: dict[str, Any]) -> None:
    for row in view["beyond_power"][:SHOWN_COUNT]:
        print_line(
            "Beyond their power: {party} at {at}, {act} [{entry}]: {code} ({clause})",
            party=row["author"], at=format_dtg(Instant(row["at"])), act=say_term(Act(row["act"])),
            entry=row["entry"][:12], code=row["code"], clause=row["clause"], style="bold red",
        )  # fmt: skip
    if view["beyond_power_count"] > SHOWN_COUNT:
        print_line("And {count} more; --json shows them.", count=view["beyond_power_count"] - SHOWN_COUNT)


def _print_waiting(waiting: dict[str, int], deposits: dict[str, int]) -> None:
    if waiting["call_count"]:
        print_line("Waits for you: calls not acknowledged: {count} (comity consult show)",
                   count=waiting["call_count"], style="bold yellow")  # fmt: skip
    if waiting["flash_count"]:
        print_line("Waits for you: FLASH messages not read: {count} (comity message show)",
                   count=waiting["flash_count"], style="bold yellow")  # fmt: skip
    if deposits["count"]:
        print_line("Waits for you: deposits: {count}, objects: {objects}, since {at} (comity import waiting)",
                   count=deposits["count"], objects=deposits["object_count"],
                   at=format_dtg(Instant(deposits["since_at"])), style="bold yellow")  # fmt: skip


def _print_store(store: dict[str, Any]) -> None:
    if store["is_full"]:
        print_line(
            "The disk is full: nothing is stored, and nothing is lost. Free space; it resumes.", style="bold red"
        )
    if store["damaged_count"]:
        print_line(
            "{count} rows of the store were found damaged; {lost} of them have not come back yet.",
            count=store["damaged_count"],
            lost=store["lost_count"],
            style="bold red" if store["lost_count"] else "",
        )


def _print_closed(row: dict[str, Any]) -> None:
    audience, feed = ", ".join(row["audience"]), row["feed"]
    if row["why"] == "superseded":
        print_line("Closed, {feed} to {audience}: the key of this home was replaced.",
                   feed=feed, audience=audience, style="bold red")  # fmt: skip
    elif row["why"] == "fork":
        print_line(
            "Closed, {feed} to {audience}: this journal has two histories. Replace the key: comity key replace.",
            feed=feed,
            audience=audience,
            style="bold red",
        )
    else:
        print_line(
            "Closed, {feed} to {audience}: this store may be older than its word. Not answered yet: {parties}.",
            feed=feed,
            audience=audience,
            parties=", ".join(row["waits_for"]) or say("pages on their way"),
            style="bold yellow",
        )


COMMANDS = (node, status)
