"""`comity pact`: check and read pact files offline. The ceremonies that make and accept one are in `ceremonies`.

Exit status of `check`: 0 no finding, 1 findings or a broken statement. A finding is printed as `FILE:LINE: CLAUSE:
message [code]`, so that editors that jump to a compiler's errors jump to these.
"""

from collections.abc import Sequence

import click
import msgspec

from comity.api.finding_words import say_finding
from comity.api.proof_view import show_statement
from comity.api.words import get_language, say
from comity.base.errors import UsageError
from comity.cli.clause_sheet import print_clause
from comity.cli.help_page import CommandGroup
from comity.cli.pact_sheet import print_pact
from comity.cli.pact_source import FILE_OR_PROFILE, is_pact_source, read_pact_file
from comity.cli.proof_sheet import print_proof
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table
from comity.crypto.production import ProductionSuite
from comity.pact.findings import Finding
from comity.pact.parse import check_pact, pact_digest, pact_lineage, parse_pact
from comity.pact.profiles import DEFAULT_PROFILE, PROFILES
from comity.pact.release import routes
from comity.procedure.proof import prove
from comity.procedure.release_terms import compile_terms

__all__ = ["COMMANDS", "pact", "read_pact_file"]


@click.group(cls=CommandGroup, name="pact", help=say("Pact files: check them, read them, draft and accept one."))
def pact() -> None:
    """See `help` above."""


@pact.command(help=say("Check a pact file or profile and name everything that is wrong with it."))
@click.argument("source", metavar=FILE_OR_PROFILE)
@click.option(
    "--prove",
    "is_to_prove",
    is_flag=True,
    help=say("Prove how far each party's information can ever get, or show the chain that breaks a promise."),
)
@json_option
def check(source: str, is_to_prove: bool) -> int:
    """See `help` above."""
    raw = read_pact_file(source)
    findings = check_pact(raw)
    terms = compile_terms(parse_pact(raw)) if is_to_prove and not findings else None
    statements = () if terms is None else prove(terms)
    if is_json():
        found = {
            "source": source,
            "digest": pact_digest(raw, ProductionSuite()).hex(),
            "is_sound": not findings,
            "findings": [{**finding._asdict(), "says": say_finding(finding)} for finding in findings],
        }
        proved = {} if terms is None else {"statements": [show_statement(row, terms) for row in statements]}
        emit({**found, **proved})
    elif findings:
        print_findings(source, findings)
    else:
        _print_sound(source, raw)
    if terms is not None and not is_json():
        print_proof(statements, terms)
    return 1 if findings or not all(statement.is_proved for statement in statements) else 0


def print_findings(name: str, findings: Sequence[Finding]) -> None:
    for finding in findings:
        place = finding.clause or finding.key
        print_line(
            "{file}:{line}: {place}: {says} [{code}]",
            file=name,
            line=finding.line,
            place=f"{place} ({finding.key})" if finding.clause else place,
            says=say_finding(finding),
            code=finding.code,
        )
    print_line("findings: {count}; `comity explain CODE` says what to do", count=len(findings))


def _print_sound(name: str, raw: bytes) -> None:
    read = parse_pact(raw)
    fields = {"file": name, "parties": ", ".join(read.audience)}
    if read.roots:
        print_line("{file} is sound: a pact of {parties} with their roots", **fields)
    else:
        print_line("{file} is sound: a profile for {parties}, without roots", **fields)
    print_line("digest {digest}", digest=pact_digest(raw, ProductionSuite()).hex())


@pact.command(help=say("Show a pact file or profile, or one of its clauses with its source."))
@click.argument("source", metavar=f"[{FILE_OR_PROFILE}]", required=False)
@click.argument("clause", metavar="[CLAUSE]", required=False)
@json_option
def show(source: str | None, clause: str | None) -> int:
    """See `help` above. A single argument that is neither a profile nor a file is a clause of the default profile."""
    if source is not None and clause is None and not is_pact_source(source) and "/" not in source:
        source, clause = None, source
    name = source or DEFAULT_PROFILE
    raw = read_pact_file(name)
    read, suite = parse_pact(raw), ProductionSuite()
    rule = None if clause is None else read.find_clause(clause)
    if clause is not None and rule is None:
        raise UsageError("pact.no-clause", clause=clause[:120], pact=name)
    if is_json() and rule is not None:
        texts = {source.id: source.text for source in read.sources}
        cited = getattr(rule, "sources", ())
        emit({"clause": msgspec.to_builtins(rule), "sources": {id_: texts[id_] for id_ in cited}})
    elif is_json():
        digest = pact_digest(raw, suite)
        emit({
            "source": name,
            "digest": digest.hex(),
            "lineage": pact_lineage(read, digest).hex(),
            "pact": msgspec.to_builtins(read),
            "routes": msgspec.to_builtins(routes(read)),
        })  # fmt: skip
    elif rule is not None:
        print_clause(read, rule)
    else:
        print_pact(read, raw, suite)
    return 0


@pact.command(help=say("List the profiles that ship with Comity."))
@json_option
def profiles() -> int:
    """See `help` above."""
    read = [(name, parse_pact(read_pact_file(name))) for name in PROFILES]
    rows = [(name, found.identity.title.in_language(get_language()), found.audience) for name, found in read]
    if is_json():
        emit([{"name": name, "title": title, "parties": parties} for name, title, parties in rows])
    else:
        print_table(("profile", "title", "parties"), [(name, title, ", ".join(who)) for name, title, who in rows])
    return 0


COMMANDS = (pact,)
