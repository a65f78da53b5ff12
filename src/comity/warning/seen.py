"""What of a picture the rules of the pact look at (docs/spec/warning.md, W15).

Rules
- Of what nobody has heard of lately nothing is drafted: only objects that are live, and of those the live reports.
- Where reports contradict each other, or cannot be told apart, each is looked at by itself: none hides behind another.
- Of estimates of several reports of one object that of the smallest ellipse counts; of equals the first.
"""

from collections.abc import Iterator

import numpy as np

from comity.base.instants import Instant
from comity.base.names import Party
from comity.pact.model import Pact
from comity.warning.classes import find_kind
from comity.warning.layout import Estimated
from comity.warning.rules import Place, Seen, find_place
from comity.warning.situation import Situation, Stand, TrackName

__all__ = ["list_own_seen", "list_seen"]

_Row = np.void


def list_seen(situation: Situation, pact: Pact) -> Iterator[Seen]:
    """Yield what the rules look at, in the order of the picture; what is of no class that a rule is about is left out.

    Of a picture of thousands of tracks that is often nothing: it is found out by columns.
    """
    objects, is_live = situation.objects, situation.members["standing"] == Stand.LIVE
    is_whole = (objects["is_estimated"] != 0) & (objects["conflict"] == 0)
    for place in np.flatnonzero(np.isin(objects["class_"], _number_asked(situation, pact))).tolist():
        members = [one for one in situation.iterate_members(place) if is_live[one]]
        if is_whole[place]:
            found = objects[place]
            yield from _see(situation, pact, members, found, Instant(situation.at), class_=int(found["class_"]))
        else:
            for member in members:
                yield from _see_report(situation, pact, member)


def list_own_seen(situation: Situation, pact: Pact, party: Party) -> Iterator[Seen]:
    """Yield each live report of one party by itself, in the order of the picture (W18)."""
    if party not in situation.authors:
        return
    own, members = situation.authors.index(party), situation.members
    is_asked = np.isin(situation.objects["class_"], _number_asked(situation, pact))
    is_seen = (members["author"] == own) & (members["standing"] == Stand.LIVE) & is_asked[members["object"]]
    for member in np.flatnonzero(is_seen).tolist():
        yield from _see_report(situation, pact, member)


def _number_asked(situation: Situation, pact: Pact) -> list[int]:
    """Return the classes that rules are about, as the situation numbers them."""
    asked = {rule.track_class for rule in pact.track_rules}
    return [number for number, class_ in enumerate(situation.classes) if class_ in asked]


def _see_report(situation: Situation, pact: Pact, member: int) -> Iterator[Seen]:
    """Yield one report by itself. Its class stands in its object."""
    row = situation.members[member]["row"]
    of = situation.objects[int(situation.members[member]["object"])]
    yield from _see(situation, pact, [member], row, Instant(int(row["at"])), class_=int(of["class_"]))


def _see(
    situation: Situation, pact: Pact, members: list[int], found: _Row, at: Instant, *, class_: int
) -> Iterator[Seen]:
    name = situation.classes[class_]
    row = pact.find_track_class(name)
    if row is None or not members:
        return
    names = [name for one in members for name in _list_names(situation, one)]
    yield Seen(
        names=tuple(dict.fromkeys(names)),
        authors=tuple(sorted({situation.authors[int(situation.members[one]["author"])] for one in members})),
        class_=name,
        kind=find_kind(row, int(found["kind"])) or "",
        place=find_place(
            at,
            latitude=int(found["latitude"]),
            longitude=int(found["longitude"]),
            sigma_east_dm=int(found["sigma_east"]),
            sigma_north_dm=int(found["sigma_north"]),
            rho_en=int(found["rho_en"]),
        ),
        launch=_find_surest(situation, members, Estimated.LAUNCH),
        impact=_find_surest(situation, members, Estimated.IMPACT),
    )


def _list_names(situation: Situation, member: int) -> Iterator[str]:
    """Yield the name of a member's track, and of the one that it goes on with (W49): what was said of that stands."""
    name, before = situation.name_member(member), int(situation.members[member]["continues"])
    yield str(name)
    if before:
        yield str(TrackName(name.author, before))


def _find_surest(situation: Situation, members: list[int], what: Estimated) -> Place | None:
    """Return the estimate of the smallest ellipse among those of these reports."""
    estimates = situation.estimates
    if not len(estimates):
        return None
    of_members = estimates[np.isin(estimates["row"], members) & (estimates["what"] == what)]
    if not len(of_members):
        return None
    sizes = of_members["semi_major"].astype(np.float64) * of_members["semi_minor"]
    one = of_members[int(sizes.argmin())]
    return Place(
        Instant(int(one["at"])),
        int(one["latitude"]),
        int(one["longitude"]),
        int(one["semi_major"]),
        int(one["semi_minor"]),
        int(one["bearing"]),
    )
