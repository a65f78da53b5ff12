"""One clause of a pact for people: its text, its values in words, where it was read and how surely."""

from comity.api.clause_words import LABELS, list_inner, list_values
from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.cli.terminal import print_line, print_text
from comity.pact.model import Pact
from comity.pact.terms import Rule, SourcedRule, Words

__all__ = ["print_clause"]


def print_clause(pact: Pact, rule: Rule) -> None:
    """Print one clause, then the clauses within it by their ids."""
    title = getattr(rule, "title", None)
    print_text(f"{rule.id}  {_say_title(title)}" if isinstance(title, Words) else rule.id, style="bold")
    if rule.text:
        print_text(rule.text)
    if rule.note:
        print_line("note: {note}", note=rule.note)
    for name, value in list_values(rule):
        print_text(f"  {say(LABELS[name])}: {value}")
    if isinstance(rule, SourcedRule):
        print_line("  confidence: {confidence}", confidence=say_term(rule.confidence))
        texts = {source.id: source.text for source in pact.sources}
        for id_ in rule.sources:
            print_line("  source [{id}]: {text}", id=id_, text=texts[id_])
    elif rule.id.startswith("policy."):
        print_line("  policy: added by the deployment, in no text of the parties")
    if inner := [row.id for row in list_inner(rule)]:
        print_line("  clauses within: {ids}", ids=", ".join(inner))


def _say_title(title: Words) -> str:
    return title.in_language(get_language())
