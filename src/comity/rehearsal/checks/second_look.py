"""Holds what one node shows against what the audit makes of the very pages on that node's disk.

The two share no code above `pact`, so that a difference is a fault of one of them, or of docs/spec.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from comity.audit import Pins, Procedures, Record, RootKeys, Version, judge_procedures
from comity.audit.procedures.duty import Duty
from comity.base.instants import Instant
from comity.base.names import Audience
from comity.machine.machine import Machine
from comity.pact.duty import DutyRule
from comity.pact.lineage import Version as HeldVersion
from comity.procedure.policy import Policy
from comity.procedure.receipt import Links
from comity.procedure.scope import Scope
from comity.rehearsal.checks.shown import (
    show_agreements,
    show_alarms,
    show_copies,
    show_duties,
    show_flags,
    show_frictions,
    show_meetings_owed,
    show_misses,
    show_objects,
    show_onward,
    show_spillage_duties,
)

__all__ = ["Difference", "find_differences", "find_second_opinion"]


class Difference(NamedTuple):
    """One thing on which the two do not agree: its kind, what it is about, and what each says of it."""

    kind: str
    about: bytes
    node: object
    audit: object


def find_second_opinion(machine: Machine, pages: Iterable[bytes], *, as_of: Instant) -> Procedures:
    """Audit the pages of one node, with its own keys, under the versions of the pact that it holds."""
    setup = machine.setup
    roots = {
        party: RootKeys(root.keys.ed25519, root.keys.mldsa, root.next_root) for party, root in setup.pins.roots.items()
    }
    pins = Pins(setup.pins.lineage, setup.pins.realm, roots)
    record = Record(
        holder=setup.party,
        lineage=pins.lineage,
        realm=pins.realm,
        pages=tuple(pages),
        receiving_secrets=setup.receiving_secrets,
    )
    versions = [Version(held.digest, held.pact) for held in setup.find_lineage().all]
    opinion = judge_procedures([record], pins, setup.suite, versions=versions, as_of=as_of)
    assert opinion is not None, "a pact is given"
    return opinion


def find_differences(machine: Machine, pages: Iterable[bytes], *, as_of: Instant) -> Iterator[Difference]:
    """Yield whatever the node shows otherwise than the audit: objects, duties, misses, what should not have come,
    states of agreements, frictions, copies of items, alarms, pages under the wrong version. Nothing, if all is well.

    `pages` are all that the node has stored, whatever it made of them.
    """

    def find_links(audience: Audience) -> Links:
        return replace(machine.find_links(audience), unreachable=())  # of links no record speaks

    opinion = find_second_opinion(machine, pages, as_of=as_of)
    record, versions = machine.record, machine.versions

    def find_version(scope: Scope) -> HeldVersion:
        return versions.find_version_of(scope, {row.id: row for row in record.list_statements(scope)})

    def find_policy(scope: Scope) -> Policy:
        return versions.read_policy(find_version(scope))

    def find_rules(scope: Scope) -> Sequence[DutyRule]:
        return versions.read_duties(find_version(scope))

    shown = show_objects(record, find_policy, find_links, as_of=as_of)
    judged = {view.scope: view for view in opinion.objects}
    for scope in sorted({*shown, *judged}):
        if shown.get(scope) != judged.get(scope):
            yield Difference(scope.kind, scope.ref, shown.get(scope), judged.get(scope))
    duties = show_duties(record, find_rules, find_policy, find_links, as_of=as_of, has_left=versions.has_left)
    own = {_key(duty): duty for duty in (*duties, *show_spillage_duties(machine, as_of=as_of))}
    theirs = {_key(duty): duty for duty in opinion.duties}
    for key in sorted({*own, *theirs}):
        if own.get(key) != theirs.get(key):
            yield Difference("duty", key[0], own.get(key), theirs.get(key))
    yield from _find_differences_of_meetings(machine, opinion, as_of)
    flags = show_flags(machine)
    found = {(one.said.id, one.to): one.says.value for one in opinion.unpermitted if one.said.author != machine.party}
    for flag in sorted({*flags, *found}):
        if flags.get(flag) != found.get(flag):
            yield Difference("release", flag[0], flags.get(flag), found.get(flag))
    states = show_agreements(machine, as_of=as_of)
    for view in opinion.agreements:
        if states.get(view.agreement) != view.state:
            yield Difference("agreement", view.agreement.encode(), states.get(view.agreement), view.state)
    frictions = {(row.kind.value, row.acts) for row in show_frictions(record)}
    for kind, acts in sorted(frictions ^ {(row.kind, row.acts) for row in opinion.frictions}):
        yield Difference("friction", acts[0], kind, opinion.frictions)
    for miss in {*show_misses(record, find_policy, as_of=as_of)} ^ {*opinion.misses}:
        yield Difference("miss", miss.channel.encode(), miss, opinion.misses)
    yield from _find_differences_of_items(machine, opinion, as_of)
    for alarm in {*show_alarms(machine)} ^ {*opinion.alarms}:
        yield Difference("alarm", alarm.alert, alarm, opinion.alarms)
    misjudged = {(bytes(row.entry), row.code) for row in versions.find_misjudged()}
    for entry, code in sorted(misjudged ^ {(row.said.id, row.code) for row in opinion.misjudged}):
        yield Difference("version", entry, (entry, code) in misjudged, (entry, code) not in misjudged)
    acted = {(bytes(one.stated.page_digest), one.stated.index, *one.fault[:2]) for one in machine.offices.all}
    second = {(one.said.spot.page, one.said.place.entry_index, one.code, one.clause) for one in opinion.misacted}
    for page, index, code, clause in sorted(acted ^ second):
        is_own = (page, index, code, clause) in acted
        yield Difference("officers", page, (index, code, clause, is_own), (index, code, clause, not is_own))


def _find_differences_of_items(machine: Machine, opinion: Procedures, as_of: Instant) -> Iterator[Difference]:
    """Yield what is shown otherwise of copies, and of requests to pass items on."""
    copies = show_copies(machine, as_of=as_of)
    counted = {(row.giving, row.holder): (row.state, row.by) for row in opinion.copies}
    for copy in sorted({*copies, *counted}):
        if copies.get(copy) != counted.get(copy):
            yield Difference("copy", copy[0], copies.get(copy), counted.get(copy))
    ways = show_onward(machine, as_of=as_of)
    asked = {(row.item, row.holder, row.recipient): (row.request, row.state) for row in opinion.onward}
    for way in sorted({*ways, *asked}):
        if ways.get(way) != asked.get(way):
            yield Difference("onward", way[0], ways.get(way), asked.get(way))


def _find_differences_of_meetings(machine: Machine, opinion: Procedures, as_of: Instant) -> Iterator[Difference]:
    own = {_key_of_meeting(duty): duty for duty in show_meetings_owed(machine, as_of=as_of)}
    theirs = {_key_of_meeting(duty): duty for duty in opinion.owed_meetings}
    for key in sorted({*own, *theirs}):
        if own.get(key) != theirs.get(key):
            yield Difference("meeting owed", key[0].encode(), own.get(key), theirs.get(key))


def _key_of_meeting(duty: Duty) -> tuple[str, str, int]:
    return duty.clause, duty.party, duty.due_at


def _key(duty: Duty) -> tuple[bytes, str, str]:
    return duty.subject, duty.kind, duty.party
