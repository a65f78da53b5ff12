"""The rules of a release decision once more, as policies and entities of Cedar: what the funnel is measured beside.

Made from the pact's own tables, as somebody would do who used Cedar for this: a policy for each route, forbidding ones
for what narrows, an entity for each party, level, agreement and item. Two actions give the three answers: what is
permitted to `give` is permitted; else what is permitted to `ask` lacks the originator's consent; else it is withheld.

Cedar has its part of the work done beforehand, for it has no words for it: caveats are read into attributes, and a
consent that does not run is left out.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import cedarpy

from comity.base.names import Party
from comity.pact.agreement import ThirdParty
from comity.pact.release import Leg, Route
from comity.procedure.caveat import read_caveats
from comity.procedure.ground import Ground
from comity.procedure.release_terms import ReleaseTerms
from comity.procedure.verdict import FUNNEL, Subject

__all__ = ["GIVE", "Request", "ask_cedar", "make_entities", "make_policies", "make_request"]

Request = dict[str, Any]
GIVE: Final = 'Action::"give"'
ASK: Final = 'Action::"ask"'
_READ: Final = (
    "!resource.unread && resource.scheme == resource.originator && resource.level.scheme == resource.originator"
    " && resource.topics != [] && {topics}.containsAll(resource.topics)"
)
_CONSENTED: Final = "resource.consents.contains({holder: context.holder, recipient: principal})"


def make_policies(terms: ReleaseTerms) -> cedarpy.PolicySet:
    """Return the policies of one version of the pact, each with the clause that it says as its `@id`."""
    read = _READ.replace("{topics}", _list(terms.topics))
    policies = [
        # Said twice: where a level is unknown, a policy that forbids by it fails and so forbids nothing.
        _write("permit", FUNNEL, f"principal == resource.originator && {read}"),
        _write("forbid", FUNNEL, f"!({read})"),
        _forbid(FUNNEL, "resource.national"),
        _forbid(FUNNEL, "resource has listed && !resource.listed.contains(principal)"),
        _forbid(FUNNEL, "!resource.level.equivalents.contains(principal)"),
        *(
            _forbid(
                ceiling.id,
                f"{_refer('Party', ceiling.parties)}.containsAll([resource.originator, principal])"
                f" && resource.level.rank > {ceiling.rank_max}",
            )
            for ceiling in terms.pact.ceilings
        ),
    ]
    for (giver, receiver), rows in terms.between.items():
        for route in rows:
            policies += _write_route(terms, route, giver, receiver)
    return cedarpy.PolicySet.from_str("\n".join(policies))


def _write_route(terms: ReleaseTerms, route: Route, giver: Party, receiver: Party) -> Iterable[str]:
    held_by = f'principal == Party::"{receiver}" && context.holder == Party::"{{}}" && {_carries(terms, route)}'
    if route.leg is not Leg.BY_HUB:
        own = f'resource.originator == Party::"{giver}"'
        yield _write("permit", route.agreement, f"{own} && {held_by.format(giver)}", action=GIVE)
        if route.third_party is ThirdParty.PROHIBITED:
            came = f'{own} && context.holder == Party::"{receiver}" && {_list(route.topics)}'
            yield _forbid(route.agreement, f"{came}.containsAny(resource.topics)")
    if route.leg is Leg.BY_HUB:
        onward = f'resource.originator == Party::"{giver}" && {held_by.format(route.hub)}'
        yield from _write_onward(route, onward)
    if route.leg is Leg.DIRECT:
        third = f'![Party::"{giver}", principal].contains(resource.originator)'
        onward = f"{third} && {held_by.format(giver)}"
        yield from _write_onward(route, onward)
        for originator in sorted(terms.parties - {giver, receiver}):
            free = _write_freedom(terms.between.get((originator, giver), ()))
            if free:
                came = f'resource.originator == Party::"{originator}" && {onward} && {free}'
                yield _write("permit", route.agreement, came, action=GIVE)


def _write_onward(route: Route, onward: str) -> Iterable[str]:
    yield _write("permit", route.agreement, f"resource.is_item && {onward} && {_CONSENTED}", action=GIVE)
    yield _write("permit", route.agreement, f"resource.is_item && {onward}", action=ASK)


def _write_freedom(came_by: Sequence[Route]) -> str:
    """Write when every agreement by which it could have come leaves its receiver free, and one of them covers it."""
    free = [route for route in came_by if route.third_party is ThirdParty.FREE]
    if not free:
        return ""
    bound = [
        f"!{_list(route.topics)}.containsAny(resource.topics)"
        for route in came_by
        if route.third_party is not ThirdParty.FREE
    ]
    covers = " || ".join(f"{_list(route.topics)}.containsAll(resource.topics)" for route in free)
    return " && ".join(("!resource.controlled", *bound, f"({covers})"))


def _carries(terms: ReleaseTerms, route: Route) -> str:
    rank_max = min(terms.rank_max[clause] for clause in route.clauses)
    operative = " && ".join(f'Agreement::"{id_}".operative' for id_ in (route.agreement, *route.legs))
    return (
        f"resource.level.rank <= {rank_max} && {_list(route.topics)}.containsAll(resource.topics) && {operative}"
        f' && (!(resource has under) || resource.under.contains(Agreement::"{route.agreement}"))'
    )


def _forbid(clause: str, when: str) -> str:
    return _write("forbid", clause, f"principal != resource.originator && {when}")


def _write(effect: str, clause: str, when: str, *, action: str = "") -> str:
    which = f"action == {action}" if action else "action"
    return f'@id("{clause}")\n{effect}(principal, {which}, resource) when {{ {when} }};'


def _list(words: Iterable[str]) -> str:
    return json.dumps(sorted(words))


def _refer(kind: str, ids: Iterable[str]) -> str:
    return "[" + ", ".join(f'{kind}::"{id_}"' for id_ in sorted(ids)) + "]"


def make_entities(ground: Ground, subjects: Sequence[Subject]) -> cedarpy.Entities:
    """Return parties, levels, agreements as they stand on this ground, and an item for each subject of one marking."""
    terms = ground.terms
    entities = [_entity("Party", party) for party in sorted(terms.parties)]
    for level, (scheme, rank) in terms.ranks.items():
        equivalents = [_link("Party", party) for party in sorted(terms.parties) if (level, party) in terms.equivalents]
        entities.append(
            _entity("Level", level, scheme=_link("Party", scheme), rank=rank, equivalents=equivalents),
        )
    entities += [_entity("Agreement", id_, operative=id_ in ground.operative) for id_ in sorted(terms.agreements)]
    entities += [_make_item(number, subject, ground) for number, subject in enumerate(subjects)]
    return cedarpy.Entities.from_json_str(json.dumps(entities))


def _make_item(number: int, subject: Subject, ground: Ground) -> dict[str, Any]:
    (marking,) = subject.markings
    terms = ground.terms
    narrowing = read_caveats(marking.caveats, parties=terms.parties, agreements=terms.agreements)
    attributes: dict[str, Any] = {
        "is_item": subject.item is not None,
        "originator": _link("Party", marking.originator),
        "scheme": _link("Party", marking.scheme),
        "level": _link("Level", marking.level),
        "topics": list(marking.topics),
        "unread": narrowing is None,
        "national": narrowing is not None and narrowing.national_only,
        "controlled": narrowing is not None and narrowing.originator_controlled,
        "consents": [
            {"holder": _link("Party", holder), "recipient": _link("Party", recipient)}
            for originator, item, holder, recipient in sorted(ground.running)
            if (originator, item) == (marking.originator, subject.item)
        ],
    }
    if narrowing is not None and narrowing.listed is not None:
        attributes["listed"] = [_link("Party", party) for party in sorted(narrowing.listed)]
    if narrowing is not None and narrowing.under is not None:
        attributes["under"] = [_link("Agreement", id_) for id_ in sorted(narrowing.under)]
    return _entity("Item", str(number), **attributes)


def _entity(kind: str, id_: str, **attributes: object) -> dict[str, Any]:
    return {"uid": {"type": kind, "id": id_}, "attrs": attributes, "parents": []}


def _link(kind: str, id_: str) -> dict[str, Any]:
    return {"__entity": {"type": kind, "id": id_}}


def make_request(number: int, *, holder: Party, to: Party, action: str = GIVE) -> Request:
    """Return the question whether `holder` may give the item of this number to `to`."""
    return {
        "principal": f'Party::"{to}"',
        "action": action,
        "resource": f'Item::"{number}"',
        "context": {"holder": _link("Party", holder)},
    }


def ask_cedar(
    number: int, *, holder: Party, to: Party, policies: cedarpy.PolicySet, entities: cedarpy.Entities
) -> tuple[str, frozenset[str]]:
    """Return `permit`, `needs-consent` or `withheld`, and the clauses of the policies that said so."""
    for answer, action in (("permit", GIVE), ("needs-consent", ASK)):
        request = make_request(number, holder=holder, to=to, action=action)
        found = cedarpy.is_authorized(request, policies, entities)
        if found.allowed:
            return answer, frozenset(found.diagnostics.id_annotations_by_reason.values())
    return "withheld", frozenset()
