"""`comity officer`, `comity roster`, `comity approve`: who acts for this party, when, and what waits for a second one.

Officers and rosters are kept in a file of the realm's folder; whoever may write there administers them, with or without
a node that runs. Times are the party's own, by the pact's time-zone rules.
"""

import datetime as dt
import re
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.cli.asking import Client, find_realm_path, home_option, realm_option
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table, print_text
from comity.crypto.production import ProductionSuite
from comity.node.bell import read_clock
from comity.node.home import open_home, write_private
from comity.node.officers import OFFICERS_FILE, Delegated, Officer, OfficerBook, Shift
from comity.node.roster import check_role, put_on_duty
from comity.node.roster import delegate as hand_act
from comity.node.roster import hand_over as serve_rest
from comity.node.versions import read_versions
from comity.pact.model import Pact
from comity.pact.offices import Act, Offices
from comity.pact.signatory import ZoneRules
from comity.pact.zone import format_local, local_offset_ms

__all__ = ["COMMANDS"]

_LOCAL: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


class _Realm:
    """One realm's officers, with what its pact says of offices and of this party's clocks."""

    def __init__(self, home: Path, realm: str) -> None:
        self.path = find_realm_path(home, realm)
        self.book = OfficerBook(self.path / OFFICERS_FILE)
        held = [row.version.pact for row in read_versions(self.path, ProductionSuite())]
        self.pact: Pact = max(held, key=lambda pact: pact.identity.version)
        signatory = self.pact.find_party(open_home(home, passphrase=b"-").party)
        assert signatory is not None, "a home has accepted a pact of its own party"
        self.zone: ZoneRules = signatory.zone

    @property
    def offices(self) -> Offices:
        """What the pact says of officers.

        Raises:
            UsageError: `officer.no-offices`.
        """
        if self.pact.offices is None:
            raise UsageError("officer.no-offices")
        return self.pact.offices

    def check_role(self, role: str) -> str:
        """Return a role of the pact.

        Raises:
            UsageError: `officer.no-role`, `officer.no-offices`.
        """
        return check_role(self.offices, role)

    def parse_time(self, text: str) -> Instant:
        """Read `2026-11-26T08:00` on this party's clocks, or an instant with a zone of its own."""
        if not _LOCAL.fullmatch(text):
            return parse_instant(text)
        wall = Instant(int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp() * 1000))
        guess = Instant(wall - local_offset_ms(self.zone, wall))
        return Instant(wall - local_offset_ms(self.zone, guess))

    def format(self, at: int) -> str:
        """Write an instant as this party's clocks show it; nothing for none."""
        return format_local(self.zone, Instant(at)) if at else ""


@click.group(cls=CommandGroup, help=say("Who acts for this party, and with which token."))
def officer() -> None:
    """See `help` above."""


def _show_token(realm: _Realm, name: str, token: str, *, keep: bool) -> None:
    path = realm.path / "officers" / f"{name}.token"
    if keep:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(path, token.encode())
    if is_json():
        emit({"name": name, "token": token, "file": str(path) if keep else ""})
        return
    print_line("The token of {name}, shown this once and kept nowhere:", name=name)
    print_text(token, style="bold")
    if keep:
        print_line("It lies in {path} too: commands of this home use it with --as {name}.", path=str(path), name=name)


keep_option = click.option(
    "--keep-token", "keep", is_flag=True, help=say("Leave the token in the home as well, for --as NAME.")
)


@officer.command(help=say("Add an officer by a pseudonym, with roles of the pact; prints the token once."))
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help=say("A role of the pact; may be repeated."))
@click.option("--until", default="", help=say("The officer acts until then; without an end if left out."))
@keep_option
@home_option
@realm_option
@json_option
def add(name: str, roles: tuple[str, ...], until: str, keep: bool, home: Path, realm: str) -> None:
    """See `help` above."""
    opened = _Realm(home, realm)
    until_at = opened.parse_time(until) if until else 0
    token = opened.book.add(name, tuple(map(opened.check_role, roles)), at=read_clock(), until_at=until_at)
    _show_token(opened, name, token, keep=keep)


@officer.command("list", help=say("Every officer, with roles and until when; and what was delegated."))
@home_option
@realm_option
@json_option
def list_(home: Path, realm: str) -> None:
    """See `help` above."""
    opened = _Realm(home, realm)
    book, at = opened.book.read(), read_clock()
    if is_json():
        emit({"officers": [_plain(row) for row in book.officers],
              "delegated": [msgspec.to_builtins(row) for row in book.delegated]})  # fmt: skip
        return
    if not book.officers:
        print_line("No officers: whoever holds the realm's token acts in every office.")
        return
    print_table(
        ("officer", "roles", "from", "until", "stands"),
        [(row.name, ", ".join(row.roles), opened.format(row.from_at), opened.format(row.until_at),
          say("yes") if row.is_valid(at) else say("no")) for row in book.officers],
    )  # fmt: skip
    for given in book.delegated:
        print_line("{giver} ({role}) to {taker}: {act}, until {until}", giver=given.giver, role=given.role,
                   taker=given.taker, act=say_term(given.act), until=opened.format(given.until_at))  # fmt: skip


def _plain(row: Officer) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(row).items() if name not in ("kept", "tag")}


@officer.command(help=say("End an officer's power: token, shifts to come, delegations. The name stays taken."))
@click.argument("name")
@home_option
@realm_option
@json_option
def revoke(name: str, home: Path, realm: str) -> None:
    """See `help` above."""
    opened = _Realm(home, realm)
    opened.book.revoke(name, at=read_clock())
    (opened.path / "officers" / f"{name}.token").unlink(missing_ok=True)
    if is_json():
        emit({"revoked": name})
        return
    print_line("{name} acts no more. What was said stays as it was said.", name=name)


@officer.command(help=say("Draw an officer's token anew; the old one ends."))
@click.argument("name")
@keep_option
@home_option
@realm_option
@json_option
def token(name: str, keep: bool, home: Path, realm: str) -> None:
    """See `help` above."""
    opened = _Realm(home, realm)
    _show_token(opened, name, opened.book.renew(name), keep=keep)


@officer.command(help=say("Hand an act of one officer's role to another, for a time."))
@click.argument("giver")
@click.argument("taker")
@click.argument("act", type=click.Choice([act.value for act in Act]))
@click.option("--role", required=True, help=say("The giver's role whose power is handed over."))
@click.option("--until", required=True, help=say("When it ends, on this party's clocks."))
@home_option
@realm_option
@json_option
def delegate(giver: str, taker: str, act: str, role: str, until: str, home: Path, realm: str) -> None:
    """See `help` above."""
    opened, at = _Realm(home, realm), read_clock()
    wish = Delegated(giver, taker, role, Act(act), opened.parse_time(until))
    row = hand_act(opened.book, opened.offices, wish, at=at)
    if is_json():
        emit(msgspec.to_builtins(row))
        return
    print_line("{giver} ({role}) to {taker}: {act}, until {until}", giver=giver, role=role, taker=taker,
               act=say_term(row.act), until=opened.format(row.until_at))  # fmt: skip


@click.group(cls=CommandGroup, help=say("Who is on duty when."))
def roster() -> None:
    """See `help` above."""


@roster.command(help=say("Shifts from now on, on this party's clocks."))
@home_option
@realm_option
@json_option
def show(home: Path, realm: str) -> None:
    """See `help` above."""
    opened, at = _Realm(home, realm), read_clock()
    shifts = sorted((row for row in opened.book.read().shifts if row.ends_at > at), key=lambda row: row.starts_at)
    if is_json():
        emit([{**msgspec.to_builtins(row), "is_now": row.starts_at <= at} for row in shifts])
        return
    print_table(
        ("role", "officer", "from", "until", "now"),
        [(row.role, row.officer, opened.format(row.starts_at), opened.format(row.ends_at),
          say("on duty") if row.starts_at <= at else "") for row in shifts],
    )  # fmt: skip


@roster.command("set", help=say("Put an officer on duty in a role, FROM and UNTIL on this party's clocks."))
@click.argument("name")
@click.argument("role")
@click.argument("from_")
@click.argument("until")
@home_option
@realm_option
@json_option
def set_(name: str, role: str, from_: str, until: str, home: Path, realm: str) -> None:
    """See `help` above."""
    opened = _Realm(home, realm)
    shift = Shift(name, role, opened.parse_time(from_), opened.parse_time(until))
    _tell_shift(opened, put_on_duty(opened.book, opened.offices, shift, at=read_clock()))


@roster.command("hand-over", help=say("End the shift that runs, and let another officer serve the rest of it."))
@click.argument("name")
@click.argument("to")
@click.argument("role")
@home_option
@realm_option
@json_option
def hand_over(name: str, to: str, role: str, home: Path, realm: str) -> None:
    """See `help` above."""
    opened = _Realm(home, realm)
    _tell_shift(opened, serve_rest(opened.book, officer=name, to=to, role=role, at=read_clock()))


def _tell_shift(opened: _Realm, shift: Shift) -> None:
    if is_json():
        emit(msgspec.to_builtins(shift))
        return
    print_line("{role}: {officer}, from {from_at} until {until_at}", role=shift.role, officer=shift.officer,
               from_at=opened.format(shift.starts_at), until_at=opened.format(shift.ends_at))  # fmt: skip


@click.group(cls=CommandGroup, help=say("What waits for a second officer."))
def approve() -> None:
    """See `help` above."""


@approve.command("list", help=say("What waits for a second officer, with the digest of exactly what would be stated."))
@home_option
@realm_option
@json_option
def waiting(home: Path, realm: str) -> None:
    """See `help` above."""
    rows = Client(home, realm).get("/v1/approvals")
    if is_json():
        emit(rows)
        return
    if not rows:
        print_line("Nothing waits for a second officer.")
    for row in rows:
        print_line("{digest}  {act}, by {officers}, to {to}; until {until} ({clause})", digest=row["digest"],
                   act=say_term(Act(row["act"])), officers=", ".join(row["officers"]), to=", ".join(row["to"]),
                   until=format_dtg(Instant(row["until_at"])), clause=row["clause"])  # fmt: skip
        for entry in row["entries"]:
            print_text(f"  {entry['type']}  {entry['says']}")


@approve.command(help=say("Approve what waits: exactly what was shown is stated, by both officers."))
@click.argument("digest")
@home_option
@realm_option
@json_option
def give(digest: str, home: Path, realm: str) -> None:
    """See `help` above."""
    found = Client(home, realm).post(f"/v1/approvals/{digest}/give", {})
    if is_json():
        emit(found)
        return
    print_line("Approved and stated: {ids}", ids=", ".join(id_[:12] for id_ in found["ids"]))


@approve.command(help=say("Refuse what waits: it is not stated."))
@click.argument("digest")
@home_option
@realm_option
@json_option
def refuse(digest: str, home: Path, realm: str) -> None:
    """See `help` above."""
    found = Client(home, realm).post(f"/v1/approvals/{digest}/refuse", {})
    if is_json():
        emit(found)
        return
    print_line("Refused: {digest} is not stated.", digest=found["digest"][:16])


COMMANDS = (officer, roster, approve)
