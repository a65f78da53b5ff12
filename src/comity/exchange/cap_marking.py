"""What an alert from outside is marked as before it is stored, and into which realm it may come (X33, X34).

Rules
- Its status and the realm must fit: what is for an exercise never comes into realm real, nor the other way round.
- A public alert is marked by the importing officer, or else by the pact's row for public alerts.
- A restricted or private one is marked by the pact's rows for its restriction and for every one of its addressees. An
  officer can only narrow that: the higher level, all topics and all caveats of both. Without rows it is refused.
- The marking is of the importing party, which vouches for nothing but having received it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from comity.base.errors import UsageError
from comity.base.names import REAL, Party, Realm
from comity.exchange.cap import Alert, Scope, Status
from comity.exchange.cap_read import find_addresses
from comity.pact.model import Pact
from comity.pact.release import find_level
from comity.pact.warning import WarningRule, WarningScope
from comity.procedure.caveat import write_listed
from comity.procedure.entry import Marking

__all__ = ["check_status", "is_public", "mark_alert"]

_STATUSES: Final = {True: (Status.ACTUAL,), False: (Status.EXERCISE, Status.TEST)}
"""What may come into realm real, and into an exercise."""


def check_status(alert: Alert, realm: Realm) -> None:
    """Let an alert into a realm, or raise.

    Raises:
        UsageError: `cap.other-realm`.
    """
    if alert.status not in _STATUSES[realm == REAL]:
        raise UsageError("cap.other-realm", status=alert.status, realm=realm)


def mark_alert(alert: Alert, *, pact: Pact, party: Party, given: Marking | None) -> Marking:
    """Return the marking under which a party keeps an alert. `given` is the officer's, None if there was none.

    Raises:
        UsageError: `cap.no-mapping`.
    """
    if alert.scope == Scope.PUBLIC and given is not None:
        return given
    rules = _find_rules(alert, pact)
    markings = [_mark_by(rule, pact, party) for rule in rules]
    if alert.scope == Scope.PRIVATE:
        reached = frozenset(rule.party for rule in rules if rule.party is not None and rule.party != party)
        addressed = (write_listed(reached),) if reached else ("NATIONAL EYES ONLY",)
        markings.append(Marking(party, party, markings[0].level, markings[0].topics, addressed))
    return _narrow([*markings, given] if given is not None else markings, pact)


def is_public(marking: Marking, pact: Pact) -> bool:
    """Tell whether what is so marked goes out with scope Public: open, on topics of the pact's row, without caveat."""
    return any(
        rule.scope is WarningScope.PUBLIC
        and marking.level in rule.levels
        and bool(marking.topics)
        and set(marking.topics) <= set(rule.topics)
        and not marking.caveats
        for rule in pact.warnings
    )


def _find_rules(alert: Alert, pact: Pact) -> list[WarningRule]:
    if alert.scope == Scope.PUBLIC:
        return [_get_rule(pact, WarningScope.PUBLIC, alert)]
    if alert.scope == Scope.RESTRICTED:
        return [_get_rule(pact, WarningScope.RESTRICTED, alert, restriction=alert.restriction)]
    return [
        _get_rule(pact, WarningScope.PRIVATE, alert, address=address)
        for address in dict.fromkeys(find_addresses(alert))
    ]


def _get_rule(
    pact: Pact, scope: WarningScope, alert: Alert, *, restriction: str = "", address: str = ""
) -> WarningRule:
    wanted = (scope, restriction, address)
    for rule in pact.warnings:
        if (rule.scope, rule.restriction, rule.address) == wanted:
            return rule
    raise UsageError("cap.no-mapping", scope=alert.scope)


def _mark_by(rule: WarningRule, pact: Pact, party: Party) -> Marking:
    own = [level for level in rule.levels if _get_party(pact, level) == party]
    if not own:
        raise UsageError("cap.no-mapping", clause=rule.id)
    return Marking(party, party, own[0], tuple(sorted(rule.topics)), tuple(sorted(rule.caveats)))


def _narrow(markings: Sequence[Marking], pact: Pact) -> Marking:
    """Return the one that is as narrow as all of them: no topic and no caveat more opens anything (R11)."""
    highest = max(markings, key=lambda marking: _get_rank(pact, marking.level))
    return Marking(
        highest.originator,
        highest.scheme,
        highest.level,
        _join(marking.topics for marking in markings),
        _join(marking.caveats for marking in markings),
    )


def _join(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({name for names in lists for name in names}))


def _get_party(pact: Pact, level: str) -> Party:
    found = find_level(pact, level)
    assert found is not None, "a parsed pact has every level that it names"
    return found[0]


def _get_rank(pact: Pact, level: str) -> int:
    found = find_level(pact, level)
    if found is None:
        raise UsageError("cap.no-mapping", level=level)
    return found[1].rank
