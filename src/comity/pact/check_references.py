"""Checks that ids are unique and that every reference resolves.

One name space each for parties, topics, bodies, sources, levels; one for all clause ids together, because a verdict
cites a clause id alone.
"""

from collections.abc import Iterable
from typing import Final

from comity.pact.findings import Findings
from comity.pact.indicator import Indicator
from comity.pact.lines import KeyPath
from comity.pact.model import Pact, walk_rules
from comity.pact.offices import Act, Offices
from comity.pact.terms import SourcedRule, Unspecified
from comity.pact.track import TrackClass

__all__ = ["check_references"]

_OF_DEPLOYMENT: Final = frozenset({"policy", "offices"})
"""Tables that stand in no text of the parties."""


class _Names:
    """One name space: what is defined, and the notes about what is not."""

    def __init__(self, what: str, findings: Findings) -> None:
        self._what = what
        self._findings = findings
        self._lines: dict[str, int] = {}

    def define(self, id_: str, path: KeyPath) -> None:
        if id_ in self._lines:
            self._findings.add(path, "pact.id-duplicate", id=id_, line=self._lines[id_])
        else:
            self._lines[id_] = self._findings.find_line(path)

    def check(self, ids: Iterable[str], path: KeyPath, *, listed: bool = True) -> None:
        seen: set[str] = set()
        for index, id_ in enumerate(ids):
            place = (*path, index) if listed else path
            if id_ not in self._lines:
                self._findings.add(place, "pact.reference", what=self._what, id=id_)
            if id_ in seen:
                self._findings.add(place, "pact.id-duplicate", id=id_, line=self._findings.find_line(place))
            seen.add(id_)


def check_references(pact: Pact, findings: Findings) -> None:
    """Note duplicate ids and dangling references anywhere in the file."""
    parties, topics, bodies, sources, schemes, levels, clauses = (
        _Names(what, findings) for what in ("party", "topic", "body", "source", "scheme", "level", "clause")
    )
    for index, party in enumerate(pact.parties):
        parties.define(party.id, ("party", index, "id"))
    for index, topic in enumerate(pact.topics):
        topics.define(topic.id, ("topic", index, "id"))
    for index, body in enumerate(pact.bodies):
        bodies.define(body.id, ("body", index, "id"))
    for index, source in enumerate(pact.sources):
        sources.define(source.id, ("source", index, "id"))
    for index, scheme in enumerate(pact.schemes):
        for number, level in enumerate(scheme.levels):
            levels.define(level.id, ("scheme", index, "level", number, "id"))
    rules = list(walk_rules(pact))
    for path, rule in rules:
        clauses.define(rule.id, (*path, "id"))
    for path, rule in rules:
        if isinstance(rule, SourcedRule):
            sources.check(rule.sources, (*path, "sources"))
        if path[0] in _OF_DEPLOYMENT and not rule.id.startswith("policy."):
            findings.add((*path, "id"), "pact.value", found=rule.id, permitted="policy.*")
    _check_agreements(pact, parties, topics, sources, clauses)
    _check_marking(pact, parties, schemes, levels)
    _check_release_promises(pact, parties, topics, levels, clauses)
    _check_promises(pact, parties, bodies, clauses)
    _check_consultation(pact, topics, bodies)
    if pact.offices is not None:
        _check_offices(pact, pact.offices, findings)
    _check_warnings(pact, parties, topics, levels)
    _check_indicators(pact, parties, topics, levels, clauses)
    _check_tracks(pact, parties, topics, levels, clauses)


def _check_agreements(pact: Pact, parties: _Names, topics: _Names, sources: _Names, clauses: _Names) -> None:
    for index, agreement in enumerate(pact.agreements):
        at: KeyPath = ("agreement", index)
        parties.check(agreement.parties, (*at, "parties"))
        parties.check(agreement.givers, (*at, "givers"))
        topics.check(agreement.topics, (*at, "topics"))
        clauses.check(agreement.legs, (*at, "legs"))
        if agreement.hub is not None:
            parties.check((agreement.hub,), (*at, "hub"), listed=False)
        for number, state in enumerate(agreement.states):
            sources.check(state.sources, (*at, "state", number, "sources"))


def _check_marking(pact: Pact, parties: _Names, schemes: _Names, levels: _Names) -> None:
    for index, scheme in enumerate(pact.schemes):
        parties.check((scheme.party,), ("scheme", index, "party"), listed=False)
        schemes.define(scheme.party, ("scheme", index, "party"))
    for index, row in enumerate(pact.equivalences):
        levels.check(row.levels, ("equivalence", index, "levels"))
    for index, ceiling in enumerate(pact.ceilings):
        parties.check(ceiling.parties, ("ceiling", index, "parties"))
    for index, label in enumerate(pact.foreign):
        parties.check((label.party,), ("foreign", index, "party"), listed=False)
        levels.check((label.level,), ("foreign", index, "level"), listed=False)


def _check_release_promises(pact: Pact, parties: _Names, topics: _Names, levels: _Names, clauses: _Names) -> None:
    for index, promise in enumerate(pact.promises):
        at: KeyPath = ("promise", index)
        parties.check((promise.originator,), (*at, "originator"), listed=False)
        parties.check((promise.recipient,), (*at, "recipient"), listed=False)
        if promise.above is not None:
            levels.check((promise.above,), (*at, "above"), listed=False)
        topics.check(promise.topics, (*at, "topics"))
        clauses.check(promise.without, (*at, "without"))


def _check_promises(pact: Pact, parties: _Names, bodies: _Names, clauses: _Names) -> None:
    for index, commitment in enumerate(pact.commitments):
        bodies.check(commitment.bodies, ("commitment", index, "bodies"))
    for index, reservation in enumerate(pact.reservations):
        clauses.check((reservation.applies_to,), ("reservation", index, "applies_to"), listed=False)
    for index, hotline in enumerate(pact.hotlines):
        parties.check(hotline.parties, ("hotline", index, "parties"))
        bodies.check(hotline.bodies, ("hotline", index, "bodies"))
        clauses.check((hotline.commitment,), ("hotline", index, "commitment"), listed=False)
    for index, exercise in enumerate(pact.exercises):
        clauses.check((exercise.commitment,), ("exercise", index, "commitment"), listed=False)
    if pact.secretariat is not None:
        parties.check(pact.secretariat.order, ("secretariat", "order"))
        bodies.check((pact.secretariat.body,), ("secretariat", "body"), listed=False)
        bodies.check((pact.secretariat.board,), ("secretariat", "board"), listed=False)


def _check_consultation(pact: Pact, topics: _Names, bodies: _Names) -> None:
    topics.check(pact.consultation.trigger.topics, ("consultation", "trigger", "topics"))
    forum = pact.consultation.forum.body
    if not isinstance(forum, Unspecified):
        bodies.check((forum,), ("consultation", "forum", "body"), listed=False)


def _check_offices(pact: Pact, offices: Offices, findings: Findings) -> None:
    """Every role that is named is defined, nobody is his own deputy, and only a call has a level."""
    roles, at = _Names("role", findings), ("offices",)
    for index, role in enumerate(offices.roles):
        roles.define(role.id, (*at, "role", index, "id"))
    for index, may in enumerate(offices.may):
        roles.check(may.roles, (*at, "may", index, "roles"))
    for index, rule in enumerate(offices.two_person):
        if rule.levels and rule.act is not Act.CALL:
            findings.add((*at, "two_person", index, "levels"), "pact.value", found=rule.act.value, permitted="call")
    for index, deputy in enumerate(offices.deputies):
        roles.check((deputy.role,), (*at, "deputy", index, "role"), listed=False)
        roles.check(deputy.by, (*at, "deputy", index, "by"))
        if deputy.role in deputy.by:
            line = findings.find_line((*at, "deputy", index, "role"))
            findings.add((*at, "deputy", index, "by"), "pact.id-duplicate", id=deputy.role, line=line)
    roles.check(pact.policy.acknowledge.roles, ("policy", "acknowledge", "roles"))


def _check_warnings(pact: Pact, parties: _Names, topics: _Names, levels: _Names) -> None:
    for index, rule in enumerate(pact.warnings):
        levels.check(rule.levels, ("warning", index, "levels"))
        topics.check(rule.topics, ("warning", index, "topics"))
        if rule.party is not None:
            parties.check((rule.party,), ("warning", index, "party"), listed=False)


def _check_reported(row: Indicator | TrackClass, at: KeyPath, parties: _Names, topics: _Names, levels: _Names) -> None:
    parties.check(row.reported_by, (*at, "reported_by"))
    levels.check(row.levels, (*at, "levels"))
    topics.check((row.topic,), (*at, "topic"), listed=False)


def _check_indicators(pact: Pact, parties: _Names, topics: _Names, levels: _Names, clauses: _Names) -> None:
    for index, row in enumerate(pact.indicators):
        at: KeyPath = ("indicator", index)
        _check_reported(row, at, parties, topics, levels)
        clauses.check((row.commitment,), (*at, "commitment"), listed=False)


def _check_tracks(pact: Pact, parties: _Names, topics: _Names, levels: _Names, clauses: _Names) -> None:
    for index, row in enumerate(pact.track_classes):
        at: KeyPath = ("track_class", index)
        _check_reported(row, at, parties, topics, levels)
        if row.commitment is not None:
            clauses.check((row.commitment,), (*at, "commitment"), listed=False)
    for index, term in enumerate(pact.track_terms):
        at = ("track_term", index)
        clauses.check((term.agreement,), (*at, "agreement"), listed=False)
        clauses.check((term.track_class,), (*at, "class"), listed=False)
        parties.check((term.giver,), (*at, "from"), listed=False)
        parties.check((term.recipient,), (*at, "to"), listed=False)
    for index, area in enumerate(pact.warning_areas):
        parties.check(area.parties, ("warning_area", index, "parties"))
    for index, rule in enumerate(pact.track_rules):
        clauses.check((rule.track_class,), ("warning_rule", index, "class"), listed=False)
        clauses.check((rule.area,), ("warning_rule", index, "area"), listed=False)
