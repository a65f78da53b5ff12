"""Who acts in an officer's words: in which capacity each entry is made, and the entry that says so (P40, P43).

The driver says who the officers are and in which capacities each may act now. Of these the first is taken in which the
pact permits the act, so that an officer with two offices need not say which; what none permits is refused here, by the
author's own node, with the clause. What a node says by itself is acted in by nobody.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from comity.base.errors import UsageError
from comity.machine.funnel import decode_known
from comity.machine.outgoing import Acting
from comity.pact.offices import Act
from comity.procedure.act import find_effective
from comity.procedure.entry import Entry
from comity.procedure.office import Fault, OfficeTerms
from comity.procedure.officer import ActedBy, Capacity

if TYPE_CHECKING:
    from comity.machine.input import Say

__all__ = ["choose_acting", "name_acting"]

RUN_COUNT_MAX: Final = 16
"""Times that who acts may change within one command: each is an entry more on its page."""


def choose_acting(terms: OfficeTerms | None, say: "Say") -> list[Acting]:
    """Return who acts in each entry of these words; nobody where the pact asks for nobody.

    Raises:
        UsageError: `officer.uncovered`, `officer.wrong-role`, `officer.not-deputy`, `officer.not-delegated`,
            `officer.too-few`, `officer.other-name`, each with act and clause; `officer.too-many-acts`.
    """
    if terms is None:
        return [()] * len(say.entries)
    chosen: list[Acting] = []
    for entry in say.entries:
        before = chosen[-1] if chosen else ()
        chosen.append(_choose(terms, entry, say.by, before))
    if sum(1 for _ in itertools.groupby(chosen)) > RUN_COUNT_MAX:
        raise UsageError("officer.too-many-acts", count_max=RUN_COUNT_MAX)
    return chosen


def name_acting(chosen: Iterable[Acting]) -> Iterator[ActedBy]:
    """Yield each different entry that will say who acted: they need a basis to leave as well."""
    yield from (ActedBy(acting, 1) for acting in dict.fromkeys(chosen) if acting)


def _choose(terms: OfficeTerms, entry: Entry, by: Sequence[Sequence[Capacity]], before: Acting) -> Acting:
    effective = find_effective(entry, decode_known)
    act = terms.find_act(effective)
    if act is None:
        return ()
    if before and len(before) == len(by) and terms.judge(entry, ActedBy(before, 1), decode_known) is None:
        return before  # the fewer changes, the fewer entries
    acting = tuple(_choose_capacity(terms, effective, act, capacities) for capacities in by)
    acted = ActedBy(tuple(sorted(acting, key=lambda one: one.officer)), 1) if acting else None
    fault = terms.judge(entry, acted, decode_known)
    if fault is not None:
        _refuse(fault)
    assert acted is not None, "what nobody acted in was refused"
    return acted.officers


def _choose_capacity(terms: OfficeTerms, effective: Entry, act: Act, capacities: Sequence[Capacity]) -> Capacity:
    """Return the first capacity in which an officer may do an act, if there is one in the role that the entry names."""
    assert capacities, "whoever acts does so in some capacity"
    fitting = [one for one in capacities if terms.judge_capacity(one, act) is None]
    role = getattr(effective, "role", None)
    named = [one for one in fitting if role in (one.role, one.power)]
    return next(iter((*named, *fitting)), capacities[0])


def _refuse(fault: Fault) -> None:
    raise UsageError(fault.code, act=fault.act.value, clause=fault.clause)
