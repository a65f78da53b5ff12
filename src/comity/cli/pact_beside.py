"""`comity pact compare A B`: two pacts side by side, by clause and by alliance science's coding (R74)."""

import click
import msgspec

from comity.api.clause_words import LABELS, list_values
from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.cli.pact_files import pact
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file
from comity.cli.terminal import emit, is_json, json_option, print_heading, print_line, print_table, print_text
from comity.pact.beside import Beside, lay_beside
from comity.pact.coding import CODED, code_pact
from comity.pact.commitment import Obligation
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.terms import Rule, Words

__all__ = ["COMMANDS"]


@pact.command(help=say("Lay two pacts side by side: what each obliges to as an alliance, and clause by clause."))
@click.argument("one", metavar=FILE_OR_PROFILE)
@click.argument("other", metavar=FILE_OR_PROFILE)
@click.option(
    "--all",
    "is_all",
    is_flag=True,
    help=say("Every clause: those in which both say the same, and all of a deployment's own."),
)
@json_option
def compare(one: str, other: str, is_all: bool) -> None:
    """See `help` above."""
    pacts = tuple(parse_pact(read_pact_file(name)) for name in (one, other))
    clauses = lay_beside(*pacts)
    laid = [row for row in clauses if is_all or (not row.is_same and _is_of_the_parties(row))]
    if is_json():
        emit(
            {
                "coding": [{row.obligation.value: list(row.clauses) for row in code_pact(read)} for read in pacts],
                "clauses": [msgspec.to_builtins(row._asdict()) for row in laid],
            }
        )
        return
    titles = [one, other]
    for name, read in zip(titles, pacts, strict=True):
        print_text(f"{name}: {read.identity.title.in_language(get_language())}")
    _print_coding(pacts, titles)
    print_heading("Clause by clause")
    print_table(("clause", *titles), [_make_row(row) for row in laid])
    same = sum(1 for row in clauses if row.is_same)
    print_line("In {count} clauses both say the same.", count=same)


def _print_coding(pacts: tuple[Pact, ...], titles: list[str]) -> None:
    """Print the five obligations of both, beside what alliance science has coded of others."""
    print_heading("As alliance science codes it (ATOP)")
    coded = [code_pact(read) for read in pacts]
    rows = []
    for place, obligation in enumerate(Obligation):
        found = [held[place] for held in coded]
        cells = [f"{say('yes')}: {', '.join(row.clauses)}" if row.is_owed else say("no") for row in found]
        known = [say("yes") if values[place] else say("no") for values in CODED.values()]
        rows.append((say_term(obligation), *cells, *known))
    print_table(("obligation", *titles, *CODED), rows)


def _is_of_the_parties(row: Beside) -> bool:
    """Tell whether the parties agreed it, or whether it is a clock or rule of policy that every pact has."""
    rules = [rule for rule in (row.one, row.other) if rule is not None]
    return row.place.startswith("policy.") or any(not rule.id.startswith("policy.") for rule in rules)


def _make_row(row: Beside) -> tuple[str, str, str]:
    ids = list(dict.fromkeys(rule.id for rule in (row.one, row.other) if rule is not None))
    return "\n".join(ids), _say_rule(row.one), _say_rule(row.other)


def _say_rule(rule: Rule | None) -> str:
    """Write a clause: its title or text, then its values in words; what an inner clause says stands in its own row."""
    if rule is None:
        return "–"
    title = getattr(rule, "title", None)
    lines = [title.in_language(get_language())] if isinstance(title, Words) else []
    if rule.text:
        lines.append(rule.text)
    lines += [f"{say(LABELS[name])}: {value}" for name, value in list_values(rule)]
    return "\n".join(lines)


COMMANDS = ()
