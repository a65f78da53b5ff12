"""What the page *Pact* shows: what was agreed, how it stands, who signed which version, and the ways that follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from comity.api.clause_words import LABELS, list_inner, list_values
from comity.api.desk import Desk
from comity.api.pact_view import show_versions
from comity.api.release_view import show_graph, show_standing
from comity.api.titles import Titles
from comity.api.views.release import RouteShown, StandingShown
from comity.api.views.standing import PactVersionShown, Versions
from comity.api.words import get_language, say
from comity.base.instants import Instant
from comity.base.names import Party
from comity.console.drawing import Drawing, Way, draw
from comity.machine.machine import Machine
from comity.pact.agreement import Agreement, StateSince
from comity.pact.compare import Change, compare_pacts
from comity.pact.model import Pact
from comity.pact.terms import Rule, SourcedRule, Words
from comity.procedure.genesis import PactAccepted

__all__ = [
    "Accepted", "Agreed", "Clause", "Graph", "Held", "Part", "find_agreed", "find_graph", "list_held", "list_parts",
]  # fmt: skip


_KINDS: Final = {
    "agreement": "agreement", "area": "area", "board": "body", "bodies": "body", "body": "body", "by": "role",
    "commitment": "commitment", "giver": "party", "givers": "party", "hub": "party", "legs": "agreement",
    "level": "level", "levels": "level", "order": "party", "originator": "party", "parties": "party", "party": "party",
    "recipient": "party", "reported_by": "party", "role": "role", "roles": "role", "topic": "topic", "topics": "topic",
    "track_class": "track-class", "without": "party",
}  # fmt: skip
"""Fields that name what has a title, by its kind."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in words. `values` are its fields with their titles; `inner` the clauses within it."""

    id: str
    title: str
    text: str
    note: str
    values: tuple[tuple[str, str], ...]
    confidence: object | None
    sources: tuple[tuple[str, str], ...]
    is_policy: bool
    inner: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page: a name for its anchor, its heading, its clauses."""

    name: str
    heading: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement with how it stands now, and how it stood."""

    agreement: Agreement
    title: str
    standing: StandingShown
    history: tuple[StateSince, ...]
    clause: Clause


@dataclass(frozen=True, slots=True)
class Accepted:
    """One party's signature under a version, on the record."""

    party: Party
    at: Instant
    entry: str


@dataclass(frozen=True, slots=True)
class Held:
    """A version that is here, with who signed it, and what it changed in the one before it."""

    shown: PactVersionShown
    accepted: tuple[Accepted, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """The ways from party to party: numbered rows, and the drawing that has these numbers."""

    rows: tuple[tuple[int, RouteShown], ...]
    drawing: Drawing


def list_parts(pact: Pact, titles: Titles) -> tuple[Part, ...]:
    """Return the sections of the pact but for its agreements, in the order of the file; empty ones are left out."""
    policy = tuple(list_inner(pact.policy))
    meeting = tuple(rule for rule in (pact.secretariat, pact.withdrawal) if rule is not None)
    sections: tuple[tuple[str, str, tuple[Rule, ...]], ...] = (
        ("commitments", say("Commitments"), pact.commitments),
        ("consultation", say("The duty to consult"), (pact.consultation,)),
        ("principles", say("Principles and reservations"), (*pact.principles, *pact.reservations)),
        ("lines", say("Hotlines and standard phrases"), (*pact.hotlines, *pact.phrases)),
        ("exercises", say("Exercises"), pact.exercises),
        ("meeting", say("Secretariat and leaving"), meeting),
        ("ceilings", say("Exchange ceilings and promises"), (*pact.ceilings, *pact.promises)),
        ("foreign", say("Labels of other vocabularies"), pact.foreign),
        ("warning", say("Early warning"), (*pact.indicators, *pact.warnings)),
        ("tracks", say("Tracks that are shared live"), (*pact.track_classes, *pact.track_terms)),
        ("areas", say("Warning areas and what leads to a report"), (*pact.warning_areas, *pact.track_rules)),
        ("offices", say("Who may act"), () if pact.offices is None else (pact.offices,)),
        ("policy", say("Policy of this deployment"), policy),
    )
    return tuple(
        Part(name, heading, tuple(show_clause(pact, titles, rule) for rule in rules))
        for name, heading, rules in sections
        if rules
    )


def show_clause(pact: Pact, titles: Titles, rule: Rule) -> Clause:
    """Return a clause in words, with those within it."""
    is_sourced = isinstance(rule, SourcedRule)
    texts = {source.id: source.text for source in pact.sources}
    title = getattr(rule, "title", None) or getattr(rule, "words", None)
    return Clause(
        id=rule.id,
        title=title.in_language(get_language()) if isinstance(title, Words) else "",
        text=rule.text,
        note=rule.note,
        values=tuple(
            (say(LABELS[name]), _name(titles, name, value)) for name, value in list_values(rule) if name != "words"
        ),
        confidence=rule.confidence if isinstance(rule, SourcedRule) else None,
        sources=tuple((id_, texts[id_]) for id_ in rule.sources) if isinstance(rule, SourcedRule) else (),
        is_policy=not is_sourced and rule.id.startswith("policy."),
        inner=tuple(show_clause(pact, titles, inner) for inner in list_inner(rule)),
    )


def _name(titles: Titles, field: str, value: str) -> str:
    """Return the value of a field with what the pact calls whatever it names."""
    kind = _KINDS.get(field)
    return value if kind is None else ", ".join(titles.title_of(kind, one) for one in value.split(", "))


def find_agreed(desk: Desk, titles: Titles) -> tuple[Agreed, ...]:
    """Return the agreements with how they stand now."""
    machine = desk.node.machine
    ground = machine.funnel.find_ground(desk.node.now())
    return tuple(
        Agreed(row, row.title.in_language(get_language()), show_standing(ground.states[row.id]), row.states,
               show_clause(machine.pact, titles, row))
        for row in machine.pact.agreements
    )  # fmt: skip


def find_graph(desk: Desk) -> Graph:
    """Return every way from one party to another, as it stands now, the open ones first within each pair."""
    machine = desk.node.machine
    ground = machine.funnel.find_ground(desk.node.now())
    routes = [route for party in machine.parties for route in show_graph(ground, party=party)["routes"]
              if route["giver"] == party]  # fmt: skip
    rows = tuple(enumerate(routes, 1))
    ways = [Way(route["giver"], route["receiver"], route["hub"], route["is_open"], number) for number, route in rows]
    return Graph(rows, draw(machine.parties, ways))


def list_held(desk: Desk) -> tuple[Versions, tuple[Held, ...]]:
    """Return how versions stand, and each that is here, the latest first."""
    machine = desk.node.machine
    shown = show_versions(machine, desk.node.now())
    placed = machine.versions.lineage.placed
    by_digest = {version.digest.hex(): version for version in placed}
    held = []
    for row in reversed(shown["versions"]):
        version = by_digest[row["digest"]]
        before = next((one for one in placed if one.digest.hex() == version.pact.identity.previous), None)
        changes = tuple(compare_pacts(before.pact, version.pact)) if before is not None else ()
        held.append(Held(row, tuple(_list_accepted(machine, version.digest)), changes))
    return shown, tuple(held)


def _list_accepted(machine: Machine, digest: bytes) -> Iterator[Accepted]:
    """Yield each party's first acceptance of a version that stands."""
    found: dict[Party, Accepted] = {}
    for row in machine.statements.find(PactAccepted):
        if isinstance(row.entry, PactAccepted) and row.entry.pact == digest and row.counts:
            found.setdefault(row.author, Accepted(row.author, row.written_at, row.id.hex()))
    yield from (found[party] for party in sorted(found))
