"""The terms of a measure or of a national action, as a form asks for them and as the API takes them."""

from collections.abc import Collection, Iterable
from typing import Final

from comity.api.form import read_words, simplify
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS
from comity.console.consultation import Talk
from comity.console.fields import Fields
from comity.console.forms import (
    Field,
    Kind,
    Option,
    list_terms,
    make_moment,
    make_words,
    read_boxes,
    read_marked,
    read_one_of,
)
from comity.console.measures import find_matrix
from comity.console.moments import read_moment
from comity.console.writing import Place
from comity.procedure.area import Area, Shape, place
from comity.procedure.measure import Instrument, Terms

__all__ = ["make_terms_fields", "read_terms"]

DEGREE_UDEG: Final = 1_000_000
CAVEAT: Final = "caveat-"


def make_terms_fields(at: Place, talk: Talk | None, terms: Terms | None = None) -> list[Field]:
    """Return the fields, filled with the terms that stand where there are any."""
    now = at.desk.node.now()
    begins, ends = (terms.starts_at, terms.ends_at) if terms else (now + HOUR_MS, now + 25 * HOUR_MS)
    circle = "" if terms is None else _format_circle(terms)
    words = read_words(terms.description) if terms else {}
    caveat = read_words(terms.caveats[0]) if terms and terms.caveats else {}
    needed = () if talk is None else _list_acts(at, talk)
    return [
        Field("instrument", say("By what means"), Kind.CHOICE, list_terms(Instrument),
              (terms.instrument.value if terms else Instrument.PATROL.value,)),
        Field("actor", say("Who does it: the id of a unit or office"), Kind.LINE,
              value=(terms.actor if terms else "",)),
        make_moment("starts_at", say("When it begins"), begins),
        make_moment("ends_at", say("When it ends"), ends),
        make_moment("announce_at", say("When it becomes public"), terms.announce_at if terms else 0, is_needed=False),
        Field("target", say("What it is aimed at, by an id that the parties share"), Kind.LINE,
              value=(terms.target[0] if terms and terms.target else "",), is_needed=False),
        Field("circle", say("Where: a circle"), Kind.LINE, value=(circle,), is_needed=False,
              hint=say("latitude, longitude in degrees, radius in km: 38.5, 135.0, 60")),
        *([Field("depends_on", say("Depends on"), Kind.BOXES, needed,
                 tuple(id_.hex() for id_ in terms.depends_on) if terms else (), is_needed=False)] if needed else []),
        *make_words(at.desk, at.titles, say("What is done"), words=words),
        *make_words(at.desk, at.titles, say("Caveat: a limit on what is pledged"), words=caveat, is_needed=False,
                    prefix=CAVEAT),
    ]  # fmt: skip


def read_terms(at: Place, talk: Talk | None, fields: Fields, terms: Terms | None = None) -> dict[str, object]:
    """Return the terms that were typed; of the terms before, what no field of the form holds stays as it was.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`.
    """
    caveat, now = read_marked(at.desk, fields, prefix=CAVEAT, is_needed=False), at.desk.node.now()
    target = fields.find("target")
    needed = () if talk is None else _list_acts(at, talk)
    areas, needs, caveats = _find_unshown(terms, {id_ for id_, _ in needed})
    return {
        "instrument": read_one_of(fields, "instrument", list_terms(Instrument)),
        "actor": fields.get("actor"),
        "areas": [*_read_circle(fields.find("circle")), *areas],
        "starts_at": read_moment(fields, "starts_at", now=now),
        "ends_at": read_moment(fields, "ends_at", now=now),
        "announce_at": read_moment(fields, "announce_at", now=now, is_needed=False),
        "target": [target] if target else [],
        "depends_on": sorted([*read_boxes(fields, "depends_on", needed), *needs]),
        "description": read_marked(at.desk, fields),
        "caveats": [*([] if caveat is None else [caveat]), *caveats],
    }


def _find_unshown(terms: Terms | None, shown: Collection[str]) -> tuple[list[object], list[str], list[object]]:
    """Return the areas, needs and caveats of terms that the form has no field for."""
    if terms is None:
        return [], [], []
    circle = _find_circle(terms)
    areas = [simplify(area) for area in terms.areas if area is not circle]
    needs = [id_.hex() for id_ in terms.depends_on if id_.hex() not in shown]
    return areas, needs, [simplify(caveat) for caveat in terms.caveats[1:]]


def _find_circle(terms: Terms) -> Area | None:
    return next((area for area in terms.areas if area.shape is Shape.CIRCLE), None)


def _list_acts(at: Place, talk: Talk) -> tuple[Option, ...]:
    matrix = find_matrix(at.desk.node.machine, talk)
    return tuple(
        (act.id, f"{act.number} · {at.titles.title_of('party', act.party)} · {say_term(act.terms.instrument)}")
        for act in matrix.acts
        if act.stands
    )


def _read_circle(text: str) -> Iterable[dict[str, object]]:
    if not text:
        return
    try:
        latitude, longitude, radius_km = (float(part) for part in text.split(","))
        centre = place(latitude_udeg=round(latitude * DEGREE_UDEG), longitude_udeg=round(longitude * DEGREE_UDEG))
        radius_m = round(radius_km * 1000)
    except (ValueError, OverflowError) as error:
        raise UsageError("console.field-malformed", field="circle") from error
    places = [{"north_udeg": centre.north_udeg, "east_udeg": centre.east_udeg}]
    yield {"shape": Shape.CIRCLE.value, "places": places, "radius_m": radius_m}


def _format_circle(terms: Terms) -> str:
    circle = _find_circle(terms)
    if circle is None:
        return ""
    centre = circle.places[0]
    latitude, longitude = (udeg / DEGREE_UDEG for udeg in (centre.latitude_udeg, centre.longitude_udeg))
    return f"{latitude:g}, {longitude:g}, {circle.radius_m / 1000:g}"
