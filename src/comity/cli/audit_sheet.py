"""What an audit found, for people and as JSON: findings, a row for each journal, what was covered, the one sentence.

For people, "no witness beyond page n" stands in the rows, where it belongs to each journal, and not among the
findings; JSON has everything. A flood of findings is cut, and says so.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from typing import Final

from comity.api.terms import say_term
from comity.api.words import say
from comity.audit.archive import ArchiveRow
from comity.audit.finding import Finding
from comity.audit.form import JournalId
from comity.audit.report import Coverage, Report, Row
from comity.audit.tracks.ledger import TracksRow
from comity.audit.version import VersionShown
from comity.audit.wording import word_archive, word_finding, word_row, word_tracks, word_verdict
from comity.base.instants import Instant, format_dtg
from comity.cli.audit_objects import lay_procedures, print_procedures
from comity.cli.phrase import say_phrase
from comity.cli.terminal import print_heading, print_line, print_table, print_text
from comity.journal.header import Feed

__all__ = ["print_report", "report_as_json"]

SHOWN_COUNT_MAX: Final = 50
_IN_ROWS: Final = "tail.no-witness"
_ENDS: Final = frozenset({"tail.lost", "tail.missing", "holder.behind"})


def print_report(
    report: Report, *, pact: bytes, is_pact_chosen: bool, made: Mapping[str, Instant] | None = None
) -> None:
    """Print the report; the sentence comes last, alone on its line. `made` is when each holder's bundle was made."""
    print_line("judged by the pact with digest {digest}", digest=pact.hex())
    if not is_pact_chosen:
        print_line("That pact came with the records. Compare its digest with the one that you accepted.")
    if len(report.versions) > 1:
        _print_versions(report.versions)
    _print_findings(report)
    _print_made(report, made or {})
    print_heading("Journals")
    print_table(("author", "feed", "audience", "pages", "agreed up to", "confirmed by"), map(_lay_row, report.rows))
    _print_archive(report.archive)
    _print_tracks(report.tracks)
    _print_coverage(report.coverage)
    print_procedures(report.procedures)
    print_line()
    print_line("Beyond the last page of a journal there is no witness: whether there was more cannot be said.")
    print_text(say_phrase(word_verdict(report.verdict)), style="bold")


def _print_versions(versions: Sequence[VersionShown]) -> None:
    """Print every version at hand, and on what each is believed (J35)."""
    print_heading("Versions of the pact")
    print_table(
        ("version", "digest", "parties", "in force", "accepted by", "believed because"), map(_lay_version, versions)
    )


def _lay_version(version: VersionShown) -> tuple[object, ...]:
    shown = say("does not fit") if not version.fits else say("yes") if version.is_in_force else say("no")
    parties, accepted_by = ", ".join(version.parties), ", ".join(version.accepted_by)
    return version.number, version.digest.hex(), parties, shown, accepted_by, say_term(version.anchor)


def _print_archive(rows: tuple[ArchiveRow, ...]) -> None:
    if rows:
        print_heading("Kept of the warning feed")
    for row in rows:
        print_line("{says}", says=say_phrase(word_archive(row)))


def _print_tracks(rows: tuple[TracksRow, ...]) -> None:
    if rows:
        print_heading("Told in the warning feed")
    for row in rows:
        print_line("{says}", says=say_phrase(word_tracks(row)))


def _print_findings(report: Report) -> None:
    shown = [finding for finding in report.findings if finding.code != _IN_ROWS]
    if not shown:
        return
    print_heading("Findings")
    for finding in shown[:SHOWN_COUNT_MAX]:
        print_line(
            "{severity}: {says} [{code}, {clause}]",
            severity=say_term(finding.severity),
            says=say_phrase(word_finding(finding)),
            code=finding.code,
            clause=finding.kind.clause,
        )
    if len(shown) > SHOWN_COUNT_MAX:
        print_line("and {count} more; --json lists them all", count=len(shown) - SHOWN_COUNT_MAX)


def _print_made(report: Report, made: Mapping[str, Instant]) -> None:
    """Say of whoever lacks the end of a journal that its bundle is of an instant: what came later is not in it."""
    lacking = {finding.holder for finding in report.findings if finding.code in _ENDS}
    for holder, at in sorted(made.items()):
        if holder in lacking:
            print_line(
                "The bundle of {holder} is of {at}: what came later is not in it. Get a new one before you judge.",
                holder=holder,
                at=format_dtg(at),
                style="bold",
            )


def _lay_row(row: Row) -> tuple[object, ...]:
    journal = row.journal
    author = f"{journal.author} #{journal.incarnation}" if journal.incarnation else journal.author
    confirmed = ", ".join(f"{reader} {'–' if number is None else number}" for reader, number, _ in row.confirmations)
    return author, _say_feed(journal), ", ".join(journal.audience), row.page_count, _say_agreed(row), confirmed


def _say_feed(journal: JournalId) -> str:
    return say_term(Feed(journal.feed))


def _say_agreed(row: Row) -> str:
    if row.agreed_number is None or row.agreed_at is None:
        return say("nothing")
    return say("page {number}, {at}", number=row.agreed_number, at=format_dtg(Instant(row.agreed_at)))


def _print_coverage(coverage: Coverage) -> None:
    print_line()
    print_line(
        "{count} different pages read, {accepted} accepted. Sealed pages: {opened} opened, {sealed} not.",
        count=coverage.page_count,
        accepted=coverage.accepted_page_count,
        opened=coverage.opened_page_count,
        sealed=coverage.sealed_page_count,
    )
    if coverage.is_chains_only:
        print_line("No key opened a seal: chains were judged, contents were not. --open uses the keys of a home.")
    else:
        print_line("{count} entries are those that were signed.", count=coverage.entry_count)


def report_as_json(report: Report) -> dict[str, object]:
    """Return the report as plain JSON values, each finding, row and the verdict with its words."""
    verdict = report.verdict
    return {
        "holders": list(verdict.holders),
        "verdict": {
            "code": verdict.code.value,
            "says": say_phrase(word_verdict(verdict)),
            "agreed_at": verdict.agreed_at,
            "breach_count": verdict.breach_count,
            "unconfirmed": [_simplify(row) for row in verdict.unconfirmed],
        },
        "findings": [_lay_finding(finding) for finding in report.findings],
        "rows": [{**_simplify_fields(row), "says": say_phrase(word_row(row))} for row in report.rows],
        "tracks": [{**_simplify_fields(row), "says": say_phrase(word_tracks(row))} for row in report.tracks],
        "archive": [{**_simplify_fields(row), "says": say_phrase(word_archive(row))} for row in report.archive],
        "versions": [_simplify_fields(version) for version in report.versions],
        "coverage": {**_simplify_fields(report.coverage), "is_chains_only": report.coverage.is_chains_only},
        "procedures": None if report.procedures is None else lay_procedures(report.procedures, _simplify),
    }


def _lay_finding(finding: Finding) -> dict[str, object]:
    return {
        **_simplify_fields(finding),
        "severity": finding.severity.value,
        "clause": finding.kind.clause,
        "says": say_phrase(word_finding(finding)),
    }


def _simplify_fields(value: object) -> dict[str, object]:
    assert is_dataclass(value)
    return {field.name: _simplify(getattr(value, field.name)) for field in dataclass_fields(value)}


def _simplify(value: object) -> object:
    """Return JSON values: bytes in hexadecimal, structs and named tuples as objects."""
    if isinstance(value, JournalId):
        return {
            "author": value.author,
            "feed": value.feed,
            "audience": list(value.audience),
            "incarnation": value.incarnation,
        }
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): _simplify(element) for key, element in value.items()}
    if isinstance(value, tuple):
        if hasattr(value, "_asdict"):
            return {name: _simplify(element) for name, element in value._asdict().items()}
        return [_simplify(element) for element in value]
    return value
