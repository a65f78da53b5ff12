"""`comity account`: what public evidence there is for each commitment, as of a day (docs/guide/account.md).

It says *evidence found*, *no evidence found, searched until …* or *unspecified*; that something did not happen is
never said. Without `--as-of` the day is the one until which the record was searched, and the output says which.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import click
import msgspec

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.instants import DAY_MS, parse_instant, to_datetime
from comity.cli.appointments import print_planned
from comity.cli.asking import Client, home_option, realm_option
from comity.cli.meetings import print_owed
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file, read_public_record
from comity.cli.terminal import emit, is_json, json_option, print_heading, print_line, print_table, print_text
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import DEFAULT_PROFILE
from comity.procedure.account import AccountRow, AccountVerdict, Period
from comity.procedure.account import account as judge_account
from comity.procedure.public_record import Fact, PublicRecord, parse_public_record

__all__ = ["COMMANDS"]


@click.command(help=say("Show what public evidence there is for each commitment of a pact, as of a day."))
@click.option("--pact", "source", metavar=FILE_OR_PROFILE, default=DEFAULT_PROFILE, help=say("The pact to judge by."))
@click.option(
    "--record",
    "record_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=say("The public record; the one that ships for the pact if not given."),
)
@click.option(
    "--as-of", metavar="DATE", help=say("The day to judge as of; the day until which was searched if not given.")
)
@click.option(
    "--signed", is_flag=True, help=say("Ask the node of this home, too, who has signed that a meeting was held.")
)
@home_option
@realm_option
@json_option
def account(source: str, record_path: Path | None, as_of: str | None, signed: bool, home: Path, realm: str) -> int:
    """See `help` above."""
    pact = parse_pact(read_pact_file(source))
    record = parse_public_record(read_public_record(pact, record_path), pact)
    day = record.record.searched_until if as_of is None else to_datetime(parse_instant(as_of)).date()
    rows = judge_account(pact, record, day)
    told = _ask_signed(home, realm, day) if signed else None
    if is_json():
        found = _as_json(pact, record, rows, day=day, is_chosen=as_of is not None)
        emit(found if told is None else {**found, "signed": told["commitments"], "planned": told["planned"]})
    else:
        _print_account(pact, record, rows, day=day, is_chosen=as_of is not None)
        if told is not None:
            print_owed(told["commitments"])
            print_planned(told["planned"], Client(home, realm).titles)
            print_line("An open or overdue word is missing from the signed record; that nobody met is not said.")
    return 0


def _ask_signed(home: Path, realm: str, day: dt.date) -> dict[str, Any]:
    """Return the commitments that a meeting meets, with each party's word, and what is planned, as of the day's end."""
    days = day.toordinal() - dt.date(1970, 1, 1).toordinal() + 1
    found: dict[str, Any] = Client(home, realm).get(f"/v1/meetings?as_of={days * DAY_MS - 1}")
    return found


def _as_json(
    pact: Pact, record: PublicRecord, rows: tuple[AccountRow, ...], *, day: dt.date, is_chosen: bool
) -> dict[str, object]:
    found = []
    for row in rows:
        plain = msgspec.to_builtins(row)
        title = row.commitment.title.in_language(get_language())
        plain["commitment"] = {"id": row.commitment.id, "title": title, "cadence": row.commitment.cadence.value}
        sources = record.list_sources(row.last.sources) if row.last else ()
        found.append({**plain, "says": _say_verdict(row), "sources": sources})
    return {
        "pact": pact.identity.id,
        "as_of": day.isoformat(),
        "is_as_of_chosen": is_chosen,
        "searched_until": record.record.searched_until.isoformat(),
        "rows": found,
    }


def _print_account(
    pact: Pact, record: PublicRecord, rows: tuple[AccountRow, ...], *, day: dt.date, is_chosen: bool
) -> None:
    print_text(pact.identity.title.in_language(get_language()), style="bold")
    if is_chosen:
        print_line("As of {as_of}. The record was searched until {until}.",
                   as_of=day, until=record.record.searched_until)  # fmt: skip
    else:
        print_line("As of {as_of}, the day until which the record was searched; --as-of chooses another.", as_of=day)
    print_line()
    lines: list[tuple[object, ...]] = []
    for row in rows:
        lines.append(_lay_row(row))
        lines += [_lay_period(period) for period in row.periods]
    print_table(("commitment", "last evidence", "next due", "verdict", "sources"), lines)
    _print_searches(rows)
    _print_sources(record, rows)
    print_line()
    if any(row.policy for row in rows):
        print_line("What yearly means is set by {clause}, a clause of the deployment.", clause=pact.policy.yearly.id)
    print_line("Only facts of the kinds that a commitment lists count. Nothing here says that anything was not done.")


def _lay_row(row: AccountRow) -> tuple[object, ...]:
    name = f"{row.commitment.id} {row.commitment.title.in_language(get_language())}"
    sources = "".join(f"[{id_}]" for id_ in row.last.sources) if row.last else ""
    return name, _say_fact(row.last), row.next_due_on or "–", _say_verdict(row), sources


def _lay_period(period: Period) -> tuple[object, ...]:
    first, last = period.first_day, period.last_day
    year = str(last.year) if first.year == last.year else f"{first.year}/{last.year}"
    evidence = ", ".join(map(_say_fact, period.evidence))
    if not period.evidence:
        verdict = _say_absence(period)
    elif period.owed:
        verdict = say_term(AccountVerdict.EVIDENCE_FOUND)
    else:
        verdict = say("evidence found, not owed")
    sources = "".join(f"[{id_}]" for fact in period.evidence for id_ in fact.sources)
    return f"   {year}", evidence, "", verdict, sources


def _say_absence(period: Period) -> str:
    """Say of a year without evidence how far it was searched, and whether it is over or owed at all."""
    if period.searched_until is None:
        return say("not searched")
    if not period.owed:
        return say("no evidence found, searched until {until}; not owed", until=period.searched_until)
    if not period.ended:
        return say("no evidence found yet, searched until {until}", until=period.searched_until)
    return say("no evidence found, searched until {until}", until=period.searched_until)


def _say_fact(fact: Fact | None) -> str:
    if fact is None:
        return "–"
    doubt = "" if fact.confidence.value == "OK" else f" ({say_term(fact.confidence)})"
    precision = "" if fact.precision.value == "day" else f" ({say_term(fact.precision)})"
    return f"{fact.last_day}{precision} {say_term(fact.kind)}{doubt}"


def _say_verdict(row: AccountRow) -> str:
    if row.verdict is AccountVerdict.NO_EVIDENCE_FOUND:
        return say("no evidence found, searched until {until}", until=row.searched_until)
    return say_term(row.verdict)


def _print_searches(rows: tuple[AccountRow, ...]) -> None:
    searches = {search.id: search for row in rows for search in row.searches}
    if searches:
        print_heading("Looked for by name and not found")
        found = [
            (f"{search.since} – {search.until}", ", ".join(search.commitments), search.text)
            for search in searches.values()
        ]
        print_table(("searched", "commitment", "what was looked for"), found)


def _print_sources(record: PublicRecord, rows: tuple[AccountRow, ...]) -> None:
    facts = [fact for row in rows for fact in (row.last, *(one for period in row.periods for one in period.evidence))]
    used = {id_ for fact in facts if fact for id_ in fact.sources}
    print_heading("Sources")
    print_table(
        ("source", "where it was read"), [(f"[{row.id}]", row.text) for row in record.sources if row.id in used]
    )


COMMANDS = (account,)
