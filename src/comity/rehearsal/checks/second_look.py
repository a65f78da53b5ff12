"""Holds what one node shows against what the audit makes of the very pages on that node's disk.

The two share no code above `pact`, so that a difference is a fault of one of them, or of docs/spec.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from comity.audit import Pins, Procedures, Record, RootKeys, judge_procedures
from comity.audit.procedures.duty import Duty
from comity.base.instants import Instant
from comity.base.names import Audience
from comity.machine.machine import Machine
from comity.pact.duty import compile_duties
from comity.procedure.receipt import Links
from comity.rehearsal.checks.shown import show_agreements, show_duties, show_flags, show_misses, show_objects

__all__ = ["Difference", "find_differences", "find_second_opinion"]


class Difference(NamedTuple):
    """One thing on which the two do not agree: its kind, what it is about, and what each says of it."""

    kind: str
    about: bytes
    node: object
    audit: object


def find_second_opinion(machine: Machine, pages: Iterable[bytes], *, as_of: Instant) -> Procedures:
    """Audit the pages of one node, with its own keys, under the pact that it holds."""
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
    opinion = judge_procedures([record], pins, setup.suite, pact=setup.pact, as_of=as_of)
    assert opinion is not None, "a pact is given"
    return opinion


def find_differences(machine: Machine, pages: Iterable[bytes], *, as_of: Instant) -> Iterator[Difference]:
    """Yield whatever the node shows otherwise than the audit: objects, duties, misses, what should not have come,
    states of agreements. Nothing, if all is well.

    `pages` are all that the node has stored, whatever it made of them.
    """

    def find_links(audience: Audience) -> Links:
        return replace(machine.find_links(audience), unreachable=())  # of links no record speaks

    opinion = find_second_opinion(machine, pages, as_of=as_of)
    record, policy = machine.record, machine.policy
    shown = show_objects(record, policy, find_links, as_of=as_of)
    judged = {view.scope: view for view in opinion.objects}
    for scope in sorted({*shown, *judged}):
        if shown.get(scope) != judged.get(scope):
            yield Difference(scope.kind, scope.ref, shown.get(scope), judged.get(scope))
    rules = compile_duties(machine.setup.pact)
    own = {_key(duty): duty for duty in show_duties(record, rules, policy, find_links, as_of=as_of)}
    theirs = {_key(duty): duty for duty in opinion.duties}
    for key in sorted({*own, *theirs}):
        if own.get(key) != theirs.get(key):
            yield Difference("duty", key[0], own.get(key), theirs.get(key))
    flags = show_flags(machine)
    found = {(one.said.id, one.to): one.says.value for one in opinion.unpermitted if one.said.author != machine.party}
    for flag in sorted({*flags, *found}):
        if flags.get(flag) != found.get(flag):
            yield Difference("release", flag[0], flags.get(flag), found.get(flag))
    states = show_agreements(machine, as_of=as_of)
    for view in opinion.agreements:
        if states.get(view.agreement) != view.state:
            yield Difference("agreement", view.agreement.encode(), states.get(view.agreement), view.state)
    for miss in {*show_misses(record, policy, as_of=as_of)} ^ {*opinion.misses}:
        yield Difference("miss", miss.channel.encode(), miss, opinion.misses)


def _key(duty: Duty) -> tuple[bytes, str, str]:
    return duty.subject, duty.kind, duty.party
