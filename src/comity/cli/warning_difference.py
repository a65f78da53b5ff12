"""`comity warning difference`: why two parties' pictures of one instant differ, each difference by its clause (W73).

Reports are explained by the audit's own reading of records and kept pages. Objects, which only a picture has, are
folded by the picture's own code from the same blocks, with the audit's rulings. An author asks of his own home, and
hears of his own reports and of no object.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.audit.claims import RawBlock
from comity.audit.report import Report
from comity.audit.tracks.difference import Differing, find_differences, find_ruling, list_held
from comity.audit.tracks.told import Basis
from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, Instant, parse_instant
from comity.base.names import Digest, Party
from comity.cli.asking import find_realm_path, home_option, realm_option
from comity.cli.audit import judge_records, read_own, read_records
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.procedure.verdict import Permit, Reason, Withheld
from comity.warning.difference import Difference, Why, explain
from comity.warning.domain import TrackTerms, read_terms
from comity.warning.picture import make_situation
from comity.warning.rows import read_block
from comity.warning.situation import Situation
from comity.warning.telling import Releases, Ruling, Terms

__all__ = ["difference"]


@click.command(help=say("Why two parties' pictures of one instant differ: each report and object by its clause."))
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--of", "one", default="", metavar="PARTY", help=say("For an auditor: one party, whose record is named."))
@click.option("--and", "other", default="", metavar="PARTY", help=say("The other party, whose record is named too."))
@click.option(
    "--with", "to", default="", metavar="PARTY", help=say("For an author: own reports, as told to this party.")
)
@click.option("--at", required=True, metavar=say("INSTANT"), help=say("The instant of both pictures."))
@home_option
@realm_option
@json_option
def difference(paths: tuple[Path, ...], one: str, other: str, to: str, at: str, home: Path, realm: str) -> None:
    """See `help` above."""
    instant = parse_instant(at)
    reader: Party | None = None
    if to and not paths and not one and not other:
        own = read_own(find_realm_path(home, realm), from_at=max(0, instant - DAY_MS), until_at=instant + 1)
        records, reader = [own], own.holder
        one, other = own.holder, to
    elif paths and one and other and not to:
        records = read_records(paths, realm=realm, is_open=True)
    else:
        raise UsageError("warning.difference-of-whom")
    report, _ = judge_records(records, (), is_shown=False)
    if report.basis is None:
        raise UsageError("warning.nothing-opened")
    found = find_differences(report.blocks, report.basis, one=one, other=other, at=instant, reader=reader)
    objects = () if reader else _explain_objects(report, report.basis, one, other, instant)
    _show(found, objects)


def _explain_objects(report: Report, basis: Basis, one: Party, other: Party, at: Instant) -> Sequence[Difference]:
    """Return the objects that two pictures show otherwise, by the clauses of their reports."""
    terms = read_terms(basis.find_ruling_version(one, at).pact)
    pictures = {party: _fold(list_held(report.blocks, party, at=at), terms, at) for party in (one, other)}
    told = sorted({(row.journal.author, row.class_) for row in report.tracks})
    releases = {
        author: Releases(Digest(bytes(32)), author, tuple(_rule(basis, told, author, (one, other), at)))
        for author, _ in told
    }
    found = explain((one, pictures[one]), (other, pictures[other]), releases, reader=None)
    return [row for row in found if row.why is Why.REPORTS]


def _fold(raws: Iterable[RawBlock], terms: Mapping[str, TrackTerms], at: Instant) -> Situation:
    return make_situation(terms, ((raw.sheet.header.journal.author, read_block(raw.raw)) for raw in raws), at)


def _rule(
    basis: Basis, told: Iterable[tuple[Party, str]], author: Party, readers: Iterable[Party], at: Instant
) -> Iterator[Ruling]:
    """Yield the audit's rulings in the picture's own form."""
    for by, class_ in told:
        for to in readers:
            found = find_ruling(basis, class_, author, to, at) if by == author else None
            if found is None:
                continue
            terms = Terms(found.clause, found.coarsen_m, found.delay_ms, found.is_sensor_named)
            if found.is_told:
                yield Ruling(class_, to, Permit(found.clause, (author, to)), terms)
            else:
                yield Ruling(class_, to, Withheld(found.clause, Reason.NO_AGREEMENT), None)


def _show(found: Sequence[Differing], objects: Sequence[Difference]) -> None:
    if is_json():
        emit({"reports": [_lay(row) for row in found], "objects": [_lay_object(row) for row in objects]})
        return
    if not found and not objects:
        print_line("The two pictures are the same.")
        return
    rows = [(row.class_, _name(row), row.lacks, say_term(row.why), row.clause or "–") for row in found]
    print_table(("class of tracks", "report", "who has less", "why", "clause"), rows)
    if objects:
        shown = [(row.class_, str(row.name), ", ".join(row.clauses) or "–") for row in objects]
        print_table(("class of tracks", "object shown otherwise", "clause"), shown)


def _name(row: Differing) -> str:
    return f"{row.author}-{row.track:04}" if row.track else f"{row.author}-0/{row.number}"


def _lay(row: Differing) -> dict[str, object]:
    return {"class": row.class_, "report": _name(row), "lacks": row.lacks, "why": row.why.value, "clause": row.clause}


def _lay_object(row: Difference) -> dict[str, object]:
    return {"class": row.class_, "object": str(row.name), "clauses": list(row.clauses)}
