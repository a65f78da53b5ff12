"""Acts that need no consultation: report a threat, call for consultation."""

from typing import Final

from comity.api.terms import say_term
from comity.api.words import say
from comity.console.consultation import find_threats
from comity.console.fields import Fields
from comity.console.forms import (
    TOPIC,
    Field,
    Option,
    list_parties,
    list_terms,
    make_choice,
    make_moment,
    make_ticks,
    make_words,
    read_boxes,
    read_marked,
    read_one_of,
)
from comity.console.moments import read_moment
from comity.console.writing import Kind, Place, Speaker, Writing, read_audience
from comity.pact.model import Pact
from comity.pact.offices import Act
from comity.procedure.fields import Level
from comity.procedure.threat import REPORTED_AS, ThreatKind

__all__ = ["NOTHING", "OF_FLOOR"]


class Nothing:
    """What a report or a call is about before it is there."""


NOTHING: Final = Nothing()


def _to(place: Place) -> Field:
    parties = list_parties(place.desk, place.titles, but_own=True)
    return make_ticks("to", say("Who is told"), parties, [party for party, _ in parties])


def find_topic(pact: Pact, kind: ThreatKind) -> str:
    """Return the topic under which the pact has what is of that kind tracked (W8, W15), else the usual one."""
    of_kind = (row.topic for row in pact.track_classes if REPORTED_AS[row.domain] is kind)
    return next(of_kind, TOPIC)


def _report_fields(place: Place, _: Nothing) -> list[Field]:
    return [
        make_choice("kind", say("What it is"), list_terms(ThreatKind)),
        make_moment("occurred_at", say("When it occurred"), place.desk.node.now()),
        make_ticks("threatened", say("Whom it threatens"), list_parties(place.desk, place.titles),
              hint=say("none: not judged")),
        *make_words(place.desk, place.titles, say("What was seen"), topic="",
                    topic_hint=say("none: the topic that fits what it is")),
        _to(place),
    ]  # fmt: skip


def _report(place: Place, _: Nothing, fields: Fields, __: Speaker) -> dict[str, object]:
    desk = place.desk
    return {
        "type": "ThreatReported",
        "kind": (kind := read_one_of(fields, "kind", list_terms(ThreatKind))),
        "occurred_at": read_moment(fields, "occurred_at", now=desk.node.now()),
        "threatened": read_boxes(fields, "threatened", list_parties(desk, place.titles)),
        "sources": [],
        "narrative": read_marked(desk, fields, topic=find_topic(desk.node.machine.pact, ThreatKind(kind))),
    }


def _list_threats(place: Place) -> tuple[Option, ...]:
    titles = place.titles
    return tuple(
        (threat.id, say("{kind}, reported by {party}", kind=say_term(threat.reported.kind),
                        party=titles.title_of("party", threat.party)))
        for threat in find_threats(place.desk.node.machine) if not threat.is_withdrawn
    )[:THREAT_COUNT_MAX]  # fmt: skip


THREAT_COUNT_MAX: Final = 30
"""Reports to choose from, the latest."""


def _call_fields(place: Place, _: Nothing) -> list[Field]:
    commitments = tuple(
        (row.id, place.titles.cite("commitment", row.id)) for row in place.desk.node.machine.pact.commitments
    )
    return [
        make_choice("kind", say("What it is about"), list_terms(ThreatKind)),
        make_choice("commitment", say("The clause that we call under"), commitments),
        make_choice("level", say("At the level of"), list_terms(Level), Level.WATCH.value),
        make_ticks("threats", say("Reports that it is called on"), _list_threats(place)),
        make_ticks("threatened", say("Whom it threatens"), list_parties(place.desk, place.titles)),
        _to(place),
    ]


def _call(place: Place, _: Nothing, fields: Fields, __: Speaker) -> dict[str, object]:
    pact = place.desk.node.machine.pact
    return {
        "type": "ConsultationCalled",
        "commitment": read_one_of(fields, "commitment", [(row.id, "") for row in pact.commitments]),
        "level": read_one_of(fields, "level", list_terms(Level)),
        "kind": read_one_of(fields, "kind", list_terms(ThreatKind)),
        "threats": read_boxes(fields, "threats", _list_threats(place)),
        "threatened": read_boxes(fields, "threatened", list_parties(place.desk, place.titles)),
    }


OF_FLOOR: Final[Kind[Nothing]] = Kind(
    path="/consultations/new",
    find=lambda desk, id_: NOTHING,  # noqa: ARG005
    find_audience=lambda desk, subject, fields: read_audience(desk, fields),  # noqa: ARG005
    find_page=lambda subject: "/consultations",  # noqa: ARG005
    writings=(
        Writing("call", lambda: say("Call for consultation"), Act.CALL, _call, _call_fields,
                hint=lambda: say("A duty to consult, not to act: whoever is called may decline."),
                opens="/consultations/{id}"),
        Writing("threat", lambda: say("Report a threat"), Act.REPORT, _report, _report_fields),
    ),
)  # fmt: skip
