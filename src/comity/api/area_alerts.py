"""Public warnings for this party's areas at risk: proposed from reports, issued by an officer, as CAP (W55 to W57).

Rules
- Proposed are own areas alone: nobody warns another's people. Nothing is issued unless an officer issues it.
- The languages are those of the area; one of which there are no words here is said in English, and called so.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, NamedTuple

import msgspec

from comity.api.desk import Desk
from comity.api.drafts import is_over, read_drafts
from comity.api.form import parse_id
from comity.api.views.drafts import AreaWarningShown
from comity.api.words import LANGUAGES, say_in
from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, Instant, to_datetime
from comity.base.names import REAL, Digest
from comity.exchange.cap import Block
from comity.exchange.cap_areas import find_expiry, make_area_alert, make_block
from comity.exchange.cap_write import format_alert
from comity.pact.area import TrackEvent, WarningArea
from comity.pact.zone import local_offset_ms
from comity.procedure.detected import Evidence, Report, Spot
from comity.procedure.public_warning import PublicWarned, WarnedArea, WarningStep, fold_public_warnings
from comity.procedure.stated import Standing, Stated
from comity.procedure.threat import ThreatKind, ThreatReported

__all__ = [
    "Issuing",
    "Proposed",
    "export_area_alert",
    "issue_warnings",
    "list_area_warnings",
    "make_warnings",
    "propose_warnings",
    "read_warned",
    "show_blocks",
]

AT_RISK_PERCENT_MIN: Final = 5
PROPOSED_FOR_MS: Final = DAY_MS


class Issuing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which report, and to which area; to all that are proposed if it is left out."""

    report: Annotated[str, msgspec.Meta(max_length=64)]
    area: Annotated[str, msgspec.Meta(max_length=196)] = ""


class Proposed(NamedTuple):
    """A message that an officer may issue."""

    report: Report
    area: WarningArea
    step: WarningStep
    percent: int


def read_warned(desk: Desk) -> Mapping[tuple[bytes, str], WarnedArea]:
    """Return what this party issued, by report and area."""
    machine = desk.node.machine
    return fold_public_warnings(machine.statements.find(PublicWarned), machine.party)


def propose_warnings(desk: Desk) -> Iterator[Proposed]:
    """Yield what may be issued now, report by report and area by area (W55 to W57)."""
    machine, now = desk.node.machine, desk.node.now()
    warned = read_warned(desk)
    areas = [area for area in machine.pact.warning_areas if machine.party in area.parties]
    for report in read_drafts(machine).reports:
        if now - report.stated.written_at > PROPOSED_FOR_MS:
            continue
        for area in areas:
            percent = _find_percent(area, report.evidence)
            chain = warned.get((report.stated.id, area.id))
            step = _find_step(desk, report, chain, percent)
            if step is not None:
                yield Proposed(report, area, step, percent)


def _find_step(desk: Desk, report: Report, chain: WarnedArea | None, percent: int) -> WarningStep | None:
    is_at_risk = percent >= AT_RISK_PERCENT_MIN and not is_over(desk, report.evidence)
    if chain is None:
        return WarningStep.ALERT if is_at_risk and not report.is_withdrawn else None
    if chain.is_ended:
        return None
    if report.is_withdrawn:
        return WarningStep.CANCEL
    if not is_at_risk:
        return WarningStep.ALL_CLEAR
    has_news = (chain.last.evidence.looked_at, chain.last.evidence.percent) != (report.evidence.looked_at, percent)
    return WarningStep.UPDATE if has_news else None


def _find_percent(area: WarningArea, evidence: Evidence) -> int:
    """Return how probably an area is hit, in whole percent rounded down; 0 where nothing says where."""
    from comity.warning.areas import Ring, find_probability  # noqa: PLC0415 -- arrays come with it; who has no tracks needs none

    place = _find_place(evidence)
    if place is None:
        return 0
    found = find_probability(
        Ring(area),
        latitude=place.latitude,
        longitude=place.longitude,
        semi_major_dm=place.semi_major_dm,
        semi_minor_dm=place.semi_minor_dm,
        bearing=place.bearing,
    )
    return int(found * 100)


def _find_place(evidence: Evidence) -> Spot | None:
    if evidence.impact:
        return evidence.impact[0]
    return evidence.place if evidence.event is TrackEvent.ENTERS else None


def make_warnings(desk: Desk, report: str, *, area: str = "") -> tuple[PublicWarned, ...]:
    """Return what would be issued of what is proposed from a report, to all its areas or to one.

    Raises:
        UsageError: `api.malformed`, `warning.nothing-proposed`.
    """
    wanted = parse_id(report)
    rows = [row for row in propose_warnings(desk) if row.report.stated.id == wanted and area in ("", row.area.id)]
    if not rows:
        raise UsageError("warning.nothing-proposed", beginning=report[:16])
    return tuple(_make_entry(row) for row in rows)


async def issue_warnings(desk: Desk, report: str, *, area: str = "") -> list[str]:
    """Issue what is proposed from a report, to all its areas or to one; return the ids of the messages.

    Raises:
        UsageError: as `make_warnings`, as `Node.say`.
    """
    entries = make_warnings(desk, report, area=area)
    return [id_.hex() for id_ in await desk.node.say((desk.node.machine.party,), entries)]


def show_blocks(desk: Desk, entry: PublicWarned) -> list[Block]:
    """Return what a message would say if it were issued now, in each language of its area; of a cancel nothing."""
    machine = desk.node.machine
    area = machine.pact.find_warning_area(entry.area)
    if area is None or entry.step is WarningStep.CANCEL:
        return []
    none = Digest(bytes(32))
    unsigned = Stated(entry, none, machine.party, (machine.party,), none, 0, 0, desk.node.now(), Standing.GOOD, {})
    return [_make_block(desk, unsigned, area, language) for language in _list_languages(area)]


def _make_entry(row: Proposed) -> PublicWarned:
    evidence = msgspec.structs.replace(row.report.evidence, percent=row.percent)
    reported = row.report.stated.entry
    kind = reported.kind if isinstance(reported, ThreatReported) else ThreatKind.OTHER
    return PublicWarned(row.report.stated.id, row.area.id, row.step, kind, evidence, find_expiry(evidence))


def list_area_warnings(desk: Desk) -> list[AreaWarningShown]:
    """Return what was issued and what is proposed, the latest reports first."""
    warned = read_warned(desk)
    proposed = {(row.report.stated.id, row.area.id): row for row in propose_warnings(desk)}
    rows: list[AreaWarningShown] = []
    for report, area in [*warned, *(key for key in proposed if key not in warned)]:
        chain, row = warned.get((report, area)), proposed.get((Digest(report), area))
        rows.append(
            {
                "report": bytes(report).hex(),
                "area": area,
                "issued": [] if chain is None else [one.id.hex() for one in chain.messages],
                "last": "" if chain is None else chain.last.step.value,
                "proposed": "" if row is None else row.step.value,
                "percent": -1 if row is None else row.percent,
            }
        )
    return rows[::-1]


def export_area_alert(desk: Desk, id_: str) -> bytes:
    """Return one issued message as CAP 1.2.

    Raises:
        UsageError: `api.malformed`, `cap.no-alert`.
    """
    wanted, machine = parse_id(id_), desk.node.machine
    pact, pins = machine.pact, machine.setup.pins
    for chain in read_warned(desk).values():
        places = [place for place, one in enumerate(chain.messages) if one.id == wanted]
        area = pact.find_warning_area(chain.area)
        if places and area is not None:
            messages = chain.messages[: places[0] + 1]
            blocks = [_make_block(desk, messages[-1], area, language) for language in _list_languages(area)]
            note = "" if pins.realm == REAL else f"EXERCISE EXERCISE EXERCISE {pins.realm}"
            alert = make_area_alert(
                messages, blocks=blocks, pact=pact, lineage=pins.lineage, realm=pins.realm, note=note
            )
            return format_alert(alert)
    raise UsageError("cap.no-alert", beginning=id_[:16])


def _list_languages(area: WarningArea) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one if one in LANGUAGES else "en" for one in area.languages)) or ("en",)


def _make_block(desk: Desk, stated: Stated, area: WarningArea, language: str) -> Block:
    machine = desk.node.machine
    entry = stated.entry
    assert isinstance(entry, PublicWarned), "as folded"
    words = _say(desk, entry, area, language)
    if machine.setup.pins.realm != REAL:
        drill = say_in(language, "EXERCISE EXERCISE EXERCISE")
        event, headline, text, advice = words
        words = (f"{drill}: {event}", f"{drill}: {headline}", f"{drill}. {text} {drill}.", f"{drill}. {advice}")
    return make_block(stated, area, language=language, words=words, pact=machine.pact)


def _say(desk: Desk, entry: PublicWarned, area: WarningArea, language: str) -> tuple[str, str, str, str]:
    """Return event, headline, description and instruction."""
    machine = desk.node.machine
    class_, title = machine.pact.find_track_class(entry.evidence.class_), area.title.in_language(language)
    what = entry.evidence.class_ if class_ is None else class_.title.in_language(language)
    if entry.step is WarningStep.ALL_CLEAR:
        return (
            what,
            say_in(language, "All clear: {area}").format(area=title),
            say_in(language, "The danger that was warned of is over."),
            say_in(language, "You may leave shelter. Keep away from debris and report it."),
        )
    place = _find_place(entry.evidence)
    signatory = machine.pact.find_party(machine.party)
    at = Instant(entry.evidence.at if place is None else place.at)
    offset_ms = 0 if signatory is None else local_offset_ms(signatory.zone, at)
    said = {"what": what, "area": title, "percent": entry.evidence.percent,
            "time": f"{to_datetime(Instant(at + offset_ms)):%H:%M}"}  # fmt: skip
    if entry.evidence.impact:
        text = say_in(language, "It may come down in this area at about {time}. Probability: {percent} %.")
    else:
        text = say_in(language, "It was in this area at {time}. Probability: {percent} %.")
    if entry.kind is ThreatKind.MISSILE_LAUNCH:
        advice = say_in(language, "Go into a solid building or below ground, away from windows, until the all-clear.")
    else:
        advice = say_in(language, "Follow what your authorities say.")
    return what, say_in(language, "Warning: {what}, {area}").format(**said), text.format(**said), advice
