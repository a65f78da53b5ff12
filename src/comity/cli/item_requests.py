"""`comity item requests|refuse|grant|decline`: what was asked to be passed on, and each decision on it (R51, R52)."""

from typing import Any

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, view
from comity.cli.item_copies import by_options
from comity.cli.items import item, item_option
from comity.cli.terminal import emit, is_json, print_table

__all__ = ["COMMANDS"]

REASONS = ("source", "recipient", "not-now", "another-version", "unstated")

reason_option = click.option(
    "--reason", type=click.Choice(REASONS), default="unstated", show_default=True, help=say("Why.")
)
clause_option = click.option(
    "--clause", default="", help=say("The clause of the pact that it rests on; else that of the release decision.")
)
for_option = click.option("--for", "recipient", required=True, metavar="PARTY", help=say("Who asked to have it."))


@view(item, "requests", help="Show who asks to pass which item on to whom, until when, and what came of it.")
def requests(desk: Desk) -> None:
    """See `help` above."""
    rows = desk.client.get("/v1/requests")
    if is_json():
        emit(rows)
        return
    shown = [
        (row["item"][:12], row["holder"], row["originator"], row["recipient"], format_dtg(Instant(row["asked_at"])),
         format_dtg(Instant(row["wanted_until_at"])), _say_state(row))
        for row in rows
    ]  # fmt: skip
    print_table(("item", "holder", "originator", "for", "asked at", "wanted until", "state"), shown)


def _say_state(row: dict[str, Any]) -> str:
    said = say_term(row["state"])
    if row["clause"]:
        return f"{said}: {row['clause']}, {say_term(row['reason'])}"
    if row["expires_at"] and row["state"] in ("consented", "granted", "consent-expired"):
        return f"{said}, {format_dtg(Instant(row['expires_at']))}"
    return said


@act(item, "refuse", help="Refuse, as originator, that a recipient gets an item, and say under which clause.")
@item_option
@click.option("--holder", required=True, metavar="PARTY", help=say("Who holds it."))
@for_option
@reason_option
@clause_option
def refuse(desk: Desk, item_id: str, holder: str, recipient: str, reason: str, clause: str) -> list[str]:
    """See `help` above."""
    holder, recipient = desk.check_parties((holder, recipient))
    body = {"item": desk.find("item", item_id)["item"], "holder": holder, "recipient": recipient, "reason": reason,
            "clause": clause}  # fmt: skip
    ids: list[str] = desk.client.post("/v1/items/refuse", body)["ids"]
    return ids


@act(item, "grant", help="Decide, as the hub, that an item is passed on to a recipient.")
@item_option
@for_option
@by_options
def grant(desk: Desk, item_id: str, recipient: str, role: str, officers: tuple[str, ...]) -> list[str]:
    """See `help` above."""
    (recipient,) = desk.check_parties((recipient,))
    body = {"item": desk.find("item", item_id)["item"], "recipient": recipient, "role": role,
            "officers": list(officers)}  # fmt: skip
    ids: list[str] = desk.client.post("/v1/items/grant", body)["ids"]
    return ids


@act(item, "decline", help="Decide, as the hub, that an item is not passed on, whatever its originator consents to.")
@item_option
@for_option
@reason_option
@clause_option
@by_options
def decline(
    desk: Desk, item_id: str, recipient: str, reason: str, clause: str, role: str, officers: tuple[str, ...]
) -> list[str]:
    """See `help` above."""
    (recipient,) = desk.check_parties((recipient,))
    body = {"item": desk.find("item", item_id)["item"], "recipient": recipient, "reason": reason, "clause": clause,
            "role": role, "officers": list(officers)}  # fmt: skip
    ids: list[str] = desk.client.post("/v1/items/decline", body)["ids"]
    return ids


COMMANDS = ()
