"""`comity audit`: judges what one or several parties stored, offline, and ends with one plain sentence.

What is judged: bundle files, and realms' folders of homes whose nodes may be running. By what: the roots that the
pact pins, and the versions of it. With `--pact` and `--digest` the reader says which versions he accepted; all others
are those in the records themselves, and the output says on what each is believed (J35).

Exit status: 0 nothing found, 1 findings or nothing to judge. What an audit merely notes is no finding.
"""

import dataclasses
from collections.abc import Collection, Sequence
from pathlib import Path

import click

from comity.api.words import say
from comity.audit import Record, Version, read_bundle
from comity.audit import audit as judge
from comity.audit.finding import Severity
from comity.audit.report import Report, VerdictCode
from comity.base.errors import UsageError
from comity.base.garbage import collecting_rarely
from comity.base.instants import Instant, parse_instant
from comity.base.limits import BUNDLE_SIZE_BYTES_MAX
from comity.cli.asking import find_realm_path
from comity.cli.audit_sheet import print_report, report_as_json
from comity.cli.files import read_beginning
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file
from comity.cli.passphrase import open_home_asking
from comity.cli.terminal import emit, is_json, json_option, print_line, progress
from comity.crypto.production import ProductionSuite
from comity.exchange.track_table import Unlike, find_difference
from comity.node.feed.kept import FEED_FILE
from comity.node.feed.kept_beside import read_key_pages, read_span
from comity.node.realm_record import find_pins_for_audit, is_realm_folder, read_realm_record
from comity.pact.findings import PactRefused
from comity.pact.parse import pact_digest, pact_lineage, parse_pact

__all__ = ["COMMANDS", "is_clean", "judge_realms", "judge_records", "read_own", "read_records"]

DIGEST_SIZE_BYTES = 32
_STEPS = 1000
"""Of the progress bar: how many pages differ is known only once they are read."""


@click.command(help=say("Judge records again from their bytes: chains, seals, forks, and who confirmed what."))
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--pact",
    "files",
    metavar=FILE_OR_PROFILE,
    multiple=True,
    help=say("The pact that you accepted, to judge by; once for each version."),
)
@click.option(
    "--digest",
    "digests",
    metavar=say("DIGEST"),
    multiple=True,
    help=say("The digest of a version of the pact that you know, where the file is in the records."),
)
@click.option("--realm", default="", help=say("The realm; may be left out where the home has only one."))
@click.option("--open", "is_open", is_flag=True, help=say("Open seals with the keys of the homes named."))
@click.option(
    "--as-of",
    metavar=say("INSTANT"),
    help=say("Show states as of this instant, for example 2026-11-26T14:31Z; else as of the latest page."),
)
@click.option(
    "--parquet",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=say("Hold this table against the blocks of the warning feed, row by row."),
)
@click.option("--progress/--no-progress", "is_shown", default=True, help=say("Show progress on a terminal."))
@json_option
def audit(
    paths: tuple[Path, ...],
    files: tuple[str, ...],
    digests: tuple[str, ...],
    realm: str,
    is_open: bool,
    as_of: str | None,
    parquet: Path | None,
    is_shown: bool,
) -> int:
    """See `help` above."""
    records = read_records(paths, realm=realm, is_open=is_open)
    suite = ProductionSuite()
    given = [read_pact_file(name) for name in files]
    known = {*map(_parse_digest, digests), *(pact_digest(raw, suite) for raw in given)}
    at = None if as_of is None else parse_instant(as_of)
    report, raw = judge_records(records, given, known=known, as_of=at, is_shown=is_shown)
    digest = pact_digest(raw, suite)
    table = None if parquet is None else find_difference(parquet, report.blocks)
    if is_json():
        lineage = pact_lineage(parse_pact(raw), digest).hex()
        chosen = {"pact": digest.hex(), "is_pact_chosen": digest in known, "lineage": lineage}
        shown = {} if table is None else {"table": {"equal_count": table[0], "unlike": table[1]}}
        emit({**chosen, "realm": records[0].realm, **report_as_json(report), **shown})
    else:
        made = {record.holder: Instant(record.written_at) for record in records if record.written_at}
        print_report(report, pact=digest, is_pact_chosen=digest in known, made=made)
        _print_table_check(table)
    return 0 if is_clean(report) and (table is None or table[1] is None) else 1


def _print_table_check(table: tuple[int, Unlike | None] | None) -> None:
    if table is None:
        return
    count, unlike = table
    if unlike is None:
        print_line("The table is equal to the blocks, row by row: {count} rows.", count=count)
    elif unlike.column:
        print_line("The table differs in row {row}: {column}.", row=unlike.row, column=unlike.column, style="bold")
    else:
        print_line(
            "The table and the blocks have not the same number of rows: {row} alike.", row=unlike.row, style="bold"
        )


def is_clean(report: Report) -> bool:
    """Tell whether an audit found nothing but notes, and had something to judge."""
    weighty = [finding for finding in report.findings if finding.severity is not Severity.NOTE]
    return not weighty and report.verdict.code is not VerdictCode.NOTHING


def judge_realms(folders: Sequence[Path], *, is_open: bool) -> tuple[Report, bytes]:
    """Judge the records in realms' folders by the pact they hold; return the report and that pact's digest."""
    report, raw = judge_records(read_records(folders, realm="", is_open=is_open), (), is_shown=True)
    return report, pact_digest(raw, ProductionSuite())


def judge_records(
    records: Sequence[Record],
    given: Sequence[bytes],
    *,
    known: Collection[bytes] = (),
    as_of: int | None = None,
    is_shown: bool,
) -> tuple[Report, bytes]:
    """Judge records by the versions given and those that they hold; return the newest that was given, else held, too.

    Roots are those of the newest version, then of the versions before it that it names.
    """
    suite = ProductionSuite()
    raw = max(given, key=_read_number) if given else _find_pact(records, known)
    held = [*given, *(pact for record in records for pact in record.pacts)]
    pins = find_pins_for_audit(raw, held, realm=records[0].realm, suite=suite)
    versions = [Version(pact_digest(one, suite), parse_pact(one)) for one in {raw, *given}]
    if not is_shown:
        with collecting_rarely():
            return judge(records, pins, suite, versions=versions, known=known, as_of=as_of), raw
    with collecting_rarely(), progress("judging pages", total=_STEPS) as step:

        def show(done: int, total: int) -> None:
            step(done * _STEPS // max(total, 1))

        return judge(records, pins, suite, show, versions=versions, known=known, as_of=as_of), raw


def _parse_digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != DIGEST_SIZE_BYTES:
        raise UsageError("audit.digest-malformed", given=text[:80])
    return digest


def _read_number(raw: bytes) -> int:
    return parse_pact(raw).identity.version


def read_records(paths: Sequence[Path], *, realm: str, is_open: bool) -> list[Record]:
    """Read homes first: their keys may open the bundles; then put the records back in the order named."""
    records: dict[Path, Record] = {}
    secrets: list[bytes] = []
    for path in paths:
        if path.is_dir():
            records[path] = record = _read_folder(path, realm=realm, is_open=is_open)
            secrets += record.receiving_secrets
    for path in paths:
        if path not in records:
            raw = read_beginning(path, size_bytes_max=BUNDLE_SIZE_BYTES_MAX)
            records[path] = read_bundle(raw, ProductionSuite(), secrets)
    return [records[path] for path in paths]


def read_own(folder: Path, *, from_at: int, until_at: int) -> Record:
    """Return a home's record of one realm, opened, with the pages of the warning feed that it kept from that time."""
    record, kept = _read_folder(folder, realm="", is_open=True), folder / FEED_FILE
    if not kept.is_file():
        return record
    pages = (*read_key_pages(kept, until_at=Instant(from_at)),
             *read_span(kept, from_at=Instant(from_at), until_at=Instant(until_at)))  # fmt: skip
    return dataclasses.replace(record, pages=(*record.pages, *pages))


def _read_folder(path: Path, *, realm: str, is_open: bool) -> Record:
    folder = path if is_realm_folder(path) else find_realm_path(path, realm)
    record = read_realm_record(folder)
    if not is_open:
        return record
    home = folder.resolve().parent.parent
    try:
        receiving = open_home_asking(home).get_realm_secrets(record.realm).receiving
    except UsageError as error:
        raise UsageError(error.code, **{"home": str(home), **error.details}) from error
    return dataclasses.replace(record, receiving_secrets=receiving)


def _find_pact(records: Sequence[Record], known: Collection[bytes]) -> bytes:
    """Return the newest version in the records that is known, else the newest that is of their lineage.

    Raises:
        UsageError: `audit.no-pact`.
    """
    suite = ProductionSuite()
    versions: list[tuple[bool, int, bytes]] = []
    for record in records:
        for raw in record.pacts:
            try:
                pact = parse_pact(raw)
            except PactRefused:
                continue
            digest = pact_digest(raw, suite)
            if pact.roots and pact_lineage(pact, digest) == record.lineage:
                versions.append((digest in known, pact.identity.version, raw))
    if not versions:
        raise UsageError("audit.no-pact")
    return max(versions)[2]


COMMANDS = (audit,)
