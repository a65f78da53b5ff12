"""A whole pact for people, section by section: what was agreed, what is open, and, apart, what the deployment adds."""

from comity.api.clause_words import LABELS, format_state, list_values
from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.cli.terminal import print_heading, print_line, print_table, print_text
from comity.crypto.suite import Suite
from comity.pact.agreement import Agreement
from comity.pact.model import Pact, walk_rules
from comity.pact.offices import Offices
from comity.pact.parse import pact_digest, pact_lineage
from comity.pact.release import Route, routes
from comity.pact.terms import Rule, Words

__all__ = ["print_pact"]


def print_pact(pact: Pact, raw: bytes, suite: Suite) -> None:
    """Print every section in the order of the file."""
    _print_identity(pact, raw, suite)
    _print_parties(pact)
    _print_commitments(pact)
    _print_agreements(pact)
    _print_marking(pact)
    _print_consultation(pact)
    _print_rest(pact)
    print_heading("Policy: added by the deployment, in no text of the parties")
    policy = (getattr(pact.policy, name) for name in pact.policy.__struct_fields__)
    rows = [(rule.id, rule.text, _say_values(rule)) for rule in policy if rule is not None]
    print_table(("clause", "text", "values"), rows)
    if pact.offices is not None:
        _print_offices(pact.offices)
    print_line()
    print_line("`comity pact show CLAUSE` shows one clause with its source.")


def _words(words: Words) -> str:
    return words.in_language(get_language())


def _print_identity(pact: Pact, raw: bytes, suite: Suite) -> None:
    identity, digest = pact.identity, pact_digest(raw, suite)
    print_text(_words(identity.title), style="bold")
    print_line(
        "{id}, version {version}, adopted {adopted}", id=identity.id, version=identity.version, adopted=identity.adopted
    )
    print_line("digest {digest}", digest=digest.hex())
    if identity.lineage is not None:
        print_line("lineage {lineage}", lineage=pact_lineage(pact, digest).hex())
    if identity.about:
        print_text(identity.about)
    if not pact.roots:
        print_line("This is a profile: it pins no roots.")


def _print_parties(pact: Pact) -> None:
    rows = []
    for party in pact.parties:
        pinned = pact.roots.get(party.id)
        root = pinned.ed25519[:16] if pinned else say("none")
        rows.append((party.id, _words(party.name), ", ".join(party.languages), party.zone.name, root))
    print_heading("Parties")
    print_table(("party", "name", "languages", "time zone", "root"), rows)


def _print_commitments(pact: Pact) -> None:
    print_heading("Commitments")
    print_table(
        ("clause", "title", "how often", "due on", "evidence that counts"),
        [
            (row.id, _words(row.title), say_term(row.cadence), row.due_on or "", ", ".join(map(say_term, row.evidence)))
            for row in pact.commitments
        ],
    )


def _print_agreements(pact: Pact) -> None:
    print_heading("Agreements: the bases on which information may pass")
    print_table(
        ("clause", "title", "parties", "law behind it", "path", "states"),
        [
            (row.id, _words(row.title), ", ".join(row.parties), say_term(row.binding), _say_path(row), _say_states(row))
            for row in pact.agreements
        ],
    )
    print_heading("Routes that follow from them")
    print_table(
        ("from", "to", "way", "ceiling rank", "clauses"),
        [(row.giver, row.receiver, _say_way(row), row.ceiling_rank, ", ".join(row.clauses)) for row in routes(pact)],
    )


def _say_path(row: Agreement) -> str:
    return say_term(row.path) if row.hub is None else say("through the hub {hub}", hub=row.hub)


def _say_way(row: Route) -> str:
    return say_term(row.leg) if row.hub is None else f"{say_term(row.leg)} {row.hub}"


def _say_states(row: Agreement) -> str:
    return "; ".join(map(format_state, row.states))


def _print_marking(pact: Pact) -> None:
    """One row for each equivalence row; what has none stands below, because it goes nowhere."""
    levels = {level.id: (scheme.party, level) for scheme in pact.schemes for level in scheme.levels}
    titles = {rank.rank: _words(rank.title) for rank in pact.ranks}
    rows = []
    for row in pact.equivalences:
        by_party: dict[str, list[str]] = {scheme.party: [] for scheme in pact.schemes}
        for id_ in row.levels:
            party, level = levels[id_]
            by_party[party].append(f"{id_} {level.local}")
        rows.append((row.rank, titles[row.rank], *("; ".join(names) for names in by_party.values()), row.id))
    print_heading("Levels that are protected alike")
    # A party's short name is no message: it has no translation and is shown as it is.
    print_table(("rank", "meaning", *(scheme.party for scheme in pact.schemes), "clause"), rows)
    for scheme in pact.schemes:
        if unmatched := [level.id for level in scheme.levels if level.unmatched]:
            print_line("{party}: without an equivalent, so it goes nowhere: {levels}", party=scheme.party,
                       levels=", ".join(unmatched))  # fmt: skip
    for ceiling in pact.ceilings:
        print_line("{parties}: nothing above rank {rank} ({clause})", parties=", ".join(ceiling.parties),
                   rank=ceiling.rank_max, clause=ceiling.id)  # fmt: skip
    if pact.indicators:
        print_heading("Early warning: what is watched, and from where on it matters")
        watched = [(row.id, _words(row.title), _say_values(row)) for row in pact.indicators]
        print_table(("clause", "title", "values"), watched)
    if pact.track_classes:
        print_heading("Tracks that are shared live, and who is told less of them")
        classes = [(row.id, _words(row.title), _say_values(row)) for row in pact.track_classes]
        terms = [(term.id, term.text, _say_values(term)) for term in pact.track_terms]
        print_table(("clause", "title", "values"), [*classes, *terms])
    if pact.warning_areas:
        print_heading("Warning areas, and what in them leads to a report")
        areas = [(area.id, _words(area.title), _say_values(area)) for area in pact.warning_areas]
        rules = [(rule.id, rule.text, _say_values(rule)) for rule in pact.track_rules]
        print_table(("clause", "title", "values"), [*areas, *rules])
    if pact.phrases:
        print_heading("Standard phrases of the hotline")
        print_table(("clause", "words"), [(row.id, _words(row.words)) for row in pact.phrases])
    if pact.warnings:
        print_heading("Public warnings, and how they are marked")
        rows = [(rule.id, rule.text, _say_values(rule)) for rule in pact.warnings]
        print_table(("clause", "text", "values"), rows)
    if pact.foreign:
        print_heading("Labels of other vocabularies, and what each party handles them as")
        print_table(
            ("vocabulary", "label", "party", "level", "caveats", "clause"),
            [(say_term(row.vocabulary), row.label, row.party, row.level, "; ".join(row.caveats), row.id)
             for row in pact.foreign],
        )  # fmt: skip


def _print_consultation(pact: Pact) -> None:
    print_heading("The duty to consult, clause by clause")
    rules = [rule for _, rule in walk_rules(pact.consultation)]
    print_table(("clause", "text", "values"), [(rule.id, rule.text, _say_values(rule)) for rule in rules])


def _print_rest(pact: Pact) -> None:
    rules: list[Rule] = [*pact.reservations, *pact.principles, *pact.hotlines, *pact.exercises]
    rules += [rule for rule in (pact.secretariat, pact.withdrawal) if rule is not None]
    if rules:
        print_heading("Reservations, principles, lines, exercises, bodies that meet")
        print_table(("clause", "text", "values"), [(rule.id, rule.text, _say_values(rule)) for rule in rules])
    topics = [(topic.id, _words(topic.title)) for topic in pact.topics]
    bodies = [(body.id, _words(body.title)) for body in pact.bodies]
    print_heading("Topics and bodies")
    print_table(("id", "title"), [*topics, *bodies])


def _print_offices(offices: Offices) -> None:
    print_heading("Who may act for a party: added by the deployment")
    print_table(("role", "title"), [(role.id, _words(role.title)) for role in offices.roles])
    rules = [rule for _, rule in walk_rules(offices) if rule is not offices]
    rows = [(rule.id, rule.text, _say_values(rule)) for rule in (offices, *rules)]
    print_table(
        ("clause", "text", "values"), [(id_, text, "" if id_ == offices.id else rest) for id_, text, rest in rows]
    )


def _say_values(rule: Rule) -> str:
    return "; ".join(f"{say(LABELS[name])}: {value}" for name, value in list_values(rule))
