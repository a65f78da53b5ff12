"""The page *Duties and calendar*: what is owed, met and overdue; meetings and what shows them; the month."""

import datetime as dt
from typing import Any, Final

from babel.dates import format_date, format_skeleton, get_day_names
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.calendar import make_calendar
from comity.api.desk import Desk
from comity.api.meetings import show_meetings
from comity.api.terms import say_term
from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.console.acts import Acts
from comity.console.agenda import say_spoken
from comity.console.appointment_acts import make_appointment_acts
from comity.console.duties import VERDICTS, find_duties, find_month, read_month
from comity.console.handover import find_clause_title
from comity.console.marks import format_mark, read_mark
from comity.console.meeting_acts import make_meeting_acts
from comity.console.pages import Pages
from comity.console.promises import list_promises
from comity.console.visit import get_visit
from comity.console.watch import order_versions
from comity.exchange.calendar import CALENDAR_MEDIA, DateStatus
from comity.pact.zone import format_local
from comity.procedure.appointment import AppointmentStatus, InvitationAnswer
from comity.procedure.call import Medium
from comity.procedure.fields import Level
from comity.procedure.measure import MeasureReason
from comity.procedure.meeting import Attendance, EvidenceForm, MeetingStatus

__all__ = ["DUTIES_PATH", "make_duties"]

DUTIES_PATH: Final = "/duties"
_NONE: Final = "-"


def make_duties(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return every route of the page: what shows, the forms and acts about meetings."""
    return [
        *_make_views(pages, desk),
        *make_meeting_acts(pages, desk, acts),
        *make_appointment_acts(pages, desk, acts),
    ]


def _make_views(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:

    def show(request: Request[Any, Any, Any], party: str, month: str) -> Response[Any]:
        path = f"/duties/now/{party or _NONE}/{month or _NONE}"
        piece = pages.fill_live(
            request, "duties_now.html", path=path, **_find_fields(pages, desk, request, party, month)
        )
        return pages.render(request, "duties.html", piece=piece)

    @get(DUTIES_PATH)
    async def duties(request: Request[Any, Any, Any]) -> Response[Any]:
        return show(request, "", "")

    @get("/duties/of/{party:str}")
    async def of_party(request: Request[Any, Any, Any], party: FromPath[str]) -> Response[Any]:
        _check_party(desk, party)
        return show(request, party, "")

    @get("/duties/month/{month:str}")
    async def in_month(request: Request[Any, Any, Any], month: FromPath[str]) -> Response[Any]:
        return show(request, "", f"{read_month(desk, month):%Y-%m}")

    @get("/duties/now/{party:str}/{month:str}", opt={"is_quiet": True})
    async def now(request: Request[Any, Any, Any], party: FromPath[str], month: FromPath[str]) -> Response[Any]:
        party, month = ("" if row == _NONE else row for row in (party, month))
        if party:
            _check_party(desk, party)
        month = f"{read_month(desk, month):%Y-%m}" if month else ""
        path = f"/duties/now/{party or _NONE}/{month or _NONE}"
        return pages.render_live(
            request, "duties_now.html", path=path, **_find_fields(pages, desk, request, party, month)
        )

    @get("/duties/calendar.ics")
    async def calendar(request: Request[Any, Any, Any]) -> Response[bytes]:
        raw = make_calendar(desk, to=desk.node.machine.party, is_officer=True, language=get_visit(request).language)
        headers = {"Content-Disposition": 'attachment; filename="duties.ics"'}
        return Response(raw, media_type=f"{CALENDAR_MEDIA}; charset=utf-8", headers=headers)

    return [duties, of_party, in_month, now, calendar]


def _check_party(desk: Desk, party: str) -> None:
    parties = desk.node.machine.parties
    if party not in parties:
        raise UsageError("cli.no-such-party", party=party[:40], parties=", ".join(parties))


def _find_fields(
    pages: Pages, desk: Desk, request: Request[Any, Any, Any], party: str, month: str
) -> dict[str, object]:
    machine, language = desk.node.machine, get_visit(request).language
    shown, found = (
        find_month(desk, read_month(desk, month), language=language),
        find_duties(desk, pages.titles, party=party),
    )
    names = get_day_names("abbreviated", locale=language)
    meetings = show_meetings(machine, as_of=desk.node.now())
    return {
        "duties": found,
        "verdicts": VERDICTS,
        "only": party,
        "parties": machine.parties,
        "month": shown,
        "month_name": format_skeleton("yMMMM", shown.first, locale=language),
        "weekdays": [names[number] for number in range(7)],
        "say_day": lambda day: _say_day(day, language),
        "clock": lambda at: _format_clock(desk, at),
        "is_off": lambda date: date.status is DateStatus.CANCELLED,
        "meetings": meetings.meetings,
        "planned": meetings.planned,
        "now": desk.node.now(),
        "say_planned": _say_planned,
        "say_agenda": lambda id_: say_spoken(desk, pages.titles, id_),
        "promises": list(list_promises(machine, meetings)),
        "bodies": [row.title.in_language(language) for row in machine.pact.bodies],
        "clause_title": lambda clause: find_clause_title(pages.titles, clause),
        "mark": lambda marking: format_mark(pages.titles, read_mark(marking)),
        "order": lambda rows: order_versions({row["language"]: row["text"] for row in rows}, language),
        "say_meeting": _say_meeting,
    }


def _say_meeting(kind: str, value: str) -> str:
    """Say a value of a meeting as the API's view has it."""
    terms = {"level": Level, "medium": Medium, "status": MeetingStatus, "attendance": Attendance, "form": EvidenceForm}
    return say_term(terms[kind](value))


def _say_planned(kind: str, value: str) -> str:
    terms = {"status": AppointmentStatus, "answer": InvitationAnswer, "reason": MeasureReason}
    return say_term(terms[kind](value))


def _say_day(day: dt.date, language: str) -> str:
    return format_date(day, "full", locale=language)


def _format_clock(desk: Desk, at: int) -> str:
    """Return the hour on this party's own clock."""
    machine = desk.node.machine
    signatory = machine.pact.find_party(machine.party)
    return "" if signatory is None else format_local(signatory.zone, Instant(at)).split(" ")[1]
