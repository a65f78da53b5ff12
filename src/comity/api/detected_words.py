"""The words of a report that the warning picture led to: values of the draft, in the languages of the parties.

They say what is known and how surely, on whose word, and that nobody has judged it; and nothing of what to do
with it. Every language says the same.
"""

from collections.abc import Iterator

from comity.api.terms import say_term_in
from comity.api.words import LANGUAGES, say_in
from comity.base.instants import Instant, format_iso
from comity.pact.model import Pact
from comity.procedure.detected import Spot, ThreatDrafted
from comity.procedure.entry import Translation

__all__ = ["compose_report", "show_spot"]

_DEGREE = 10_000_000
_KM_DM = 10_000


def compose_report(draft: ThreatDrafted, pact: Pact) -> tuple[Translation, ...]:
    """Return the text of a report in every language."""
    return tuple(Translation(language, "\n".join(_list_lines(draft, pact, language))) for language in LANGUAGES)


def _list_lines(draft: ThreatDrafted, pact: Pact, language: str) -> Iterator[str]:
    evidence = draft.evidence
    class_, area = pact.find_track_class(evidence.class_), pact.find_warning_area(evidence.area)
    yield say_in(language, "{class_}: {event} ({area}), {percent} % [{rule}]").format(
        class_=evidence.class_ if class_ is None else class_.title.in_language(language),
        event=say_term_in(evidence.event, language),
        area=evidence.area if area is None else area.title.in_language(language),
        percent=evidence.percent,
        rule=evidence.rule,
    )
    yield say_in(language, "Tracks: {tracks}").format(tracks=", ".join(evidence.tracks))
    yield say_in(language, "Seen: {spot}").format(spot=show_spot(evidence.place))
    for launch in evidence.launch:
        yield say_in(language, "Launch, as estimated: {spot}").format(spot=show_spot(launch))
    for impact in evidence.impact:
        yield say_in(language, "Impact, as estimated: {spot}").format(spot=show_spot(impact))
    yield say_in(language, "Nobody has judged this yet.")


def show_spot(spot: Spot) -> str:
    """Return a place, its ellipse of one standard deviation and its instant, the same in every language."""
    north, east = spot.latitude / _DEGREE, spot.longitude / _DEGREE
    latitude = f"{abs(north):.3f}°{'N' if north >= 0 else 'S'}"
    longitude = f"{abs(east):.3f}°{'E' if east >= 0 else 'W'}"
    axes = f"±{spot.semi_major_dm / _KM_DM:.1f} × {spot.semi_minor_dm / _KM_DM:.1f} km"
    return f"{latitude} {longitude} {axes} {spot.bearing / 100:.0f}°, {format_iso(Instant(spot.at))}"
