"""What is signed about meetings ahead: planned, moved, called off, held; and whether our own party will come (P89)."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.form import parse_form
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, HOUR_MS, Instant, format_dtg
from comity.console.acts import Acts
from comity.console.agenda import list_speakable
from comity.console.fields import Fields
from comity.console.forms import list_terms, read_one_of
from comity.console.hotline_forms import read_parties
from comity.console.meeting_acts import offer_meeting, read_held
from comity.console.moments import read_moment
from comity.console.pages import Pages
from comity.console.signing import Proposal, find_name, propose
from comity.console.visit import Visit
from comity.machine.appointments import Planned, list_planned
from comity.pact.offices import Act
from comity.procedure.appointment import InvitationAnswer, Setting
from comity.procedure.measure import MeasureReason

__all__ = ["make_appointment_acts"]

Asking = Request[Any, Any, Any]
BACK: Final = "/duties"
LEAD_MS: Final = 7 * DAY_MS
"""How far ahead a meeting is until somebody types it."""


def make_appointment_acts(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the forms and the acts."""
    appointments, forms = Appointments(desk), Forms(pages, desk)

    @get("/duties/planned")
    async def ask_plan(request: Asking) -> Response[Any]:
        return forms.plan(request)

    @get("/duties/planned/{entry:str}/move")
    async def ask_move(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.plan(request, get_planned(desk, entry))

    @get("/duties/planned/{entry:str}/call-off")
    async def ask_call_off(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.call_off(request, get_planned(desk, entry))

    @get("/duties/planned/{entry:str}/answer")
    async def ask_answer(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.answer(request, get_planned(desk, entry))

    @get("/duties/planned/{entry:str}/held")
    async def ask_held(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.held(request, get_planned(desk, entry))

    return [
        ask_plan, ask_move, ask_call_off, ask_answer, ask_held,
        *acts.make("/duties/plan", appointments.plan, speaks_as=Act.CONVENE),
        *acts.make("/duties/move/{entry:str}", appointments.move, speaks_as=Act.CONVENE),
        *acts.make("/duties/call-off/{entry:str}", appointments.call_off, speaks_as=Act.CONVENE),
        *acts.make("/duties/answer/{entry:str}", appointments.answer, speaks_as=Act.ACKNOWLEDGE),
        *acts.make("/duties/held-as-planned/{entry:str}", appointments.held, speaks_as=Act.MESSAGE),
    ]  # fmt: skip


def get_planned(desk: Desk, entry: str) -> Planned:
    """Return the planned meeting meant, as it stands now.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    scope = desk.get_object(entry, "appointment")
    for row in list_planned(desk.node.machine, as_of=desk.node.now()):
        if row.state.scope == scope:
            return row
    raise UsageError("cli.no-such-object", beginning=entry[:16])


class Appointments:
    """The acts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def plan(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose that a meeting is planned, with those who are invited."""
        del visit, role
        desk, body = self._desk, fields.find("body")
        invited = sorted({*read_parties(desk, fields)} - {desk.node.machine.party})
        return propose(desk, {
            "type": "MeetingPlanned", "commitment": fields.get("commitment"), "body": [body] if body else [],
            "level": fields.get("level"), "invited": invited, "consultation": [], "setting": self._read_setting(fields),
        })  # fmt: skip

    def move(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose another setting for a meeting that we planned."""
        del visit, role
        row = self._get_own(fields)
        return self._say(row, {"type": "MeetingMoved", "setting": self._read_setting(fields)})

    def call_off(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose that a meeting which we planned is off."""
        del visit, role
        reason = read_one_of(fields, "reason", list_terms(MeasureReason))
        return self._say(self._get_own(fields), {"type": "MeetingCalledOff", "reason": reason})

    def answer(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose our own answer to the setting that the form showed; another one has to be looked at first."""
        row, now = get_planned(self._desk, fields.place["entry"]), self._desk.node.now()
        answer = read_one_of(fields, "answer", list_terms(InvitationAnswer))
        times = {"starts_at": 0, "ends_at": 0}
        if answer == InvitationAnswer.OTHER_TIME.value:
            times = {"starts_at": read_moment(fields, "starts", now=now),
                     "ends_at": read_moment(fields, "ends", now=now)}  # fmt: skip
        if fields.get("setting") != row.state.settings[-1].id.hex():
            raise UsageError("console.changed-meanwhile")
        officer = find_name(visit, self._desk.node.machine.party)
        return self._say(row, {"type": "InvitationAnswered", "setting": fields.get("setting"), "answer": answer,
                               **times, "role": role, "officer": officer})  # fmt: skip

    def held(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose that a planned meeting was held, as it was then."""
        del visit, role
        row = get_planned(self._desk, fields.place["entry"])
        consultation = [id_.hex() for id_ in row.entry.consultation]
        return self._say(row, {**read_held(self._desk, fields, consultation), "type": "PlannedMeetingHeld"})

    def _get_own(self, fields: Fields) -> Planned:
        row = get_planned(self._desk, fields.place["entry"])
        if row.stated.author != self._desk.node.machine.party or row.state.called_off is not None:
            raise UsageError("cli.no-such-object", beginning=fields.place["entry"][:16])
        return row

    def _say(self, row: Planned, form: dict[str, object]) -> Proposal:
        """Say something of a planned meeting to those to whom it was planned."""
        entry = parse_form({**form, "appointment": row.state.scope.ref.hex()})
        return Proposal(row.state.scope.audience, (entry,))

    def _read_setting(self, fields: Fields) -> dict[str, object]:
        now, host, place = self._desk.node.now(), fields.find("host"), fields.find("place")
        if host and host not in self._desk.node.machine.parties:
            raise UsageError("console.field-malformed", field="host")
        return {
            "starts_at": read_moment(fields, "starts", now=now),
            "ends_at": read_moment(fields, "ends", now=now),
            "medium": fields.get("medium"),
            "host": [host] if host else [],
            "place": [place] if place else [],
            "agenda": sorted({*fields.list("agenda")}),
        }


class Forms:
    """Fills the templates of the forms."""

    def __init__(self, pages: Pages, desk: Desk) -> None:
        self._pages = pages
        self._desk = desk

    def plan(self, request: Asking, row: Planned | None = None) -> Response[Any]:
        """Ask for whom, when and where; or offer one of ours as it stands, to be moved."""
        desk, now = self._desk, self._desk.node.now()
        machine = desk.node.machine
        setting = None if row is None else row.setting
        first = now - now % HOUR_MS + LEAD_MS
        starts_at, ends_at = (first, first + HOUR_MS) if setting is None else (setting.starts_at, setting.ends_at)
        named = () if setting is None else setting.agenda
        parties = [(party, f"{party} · {self._pages.titles.title_of('party', party)}") for party in machine.parties]
        given = offer_meeting(desk)
        return self._pages.render(
            request, "meeting_planned.html", back=BACK, is_move=row is not None,
            heading=say("Plan a meeting") if row is None else say("Move the meeting"),
            path="/duties/plan" if row is None else f"/duties/move/{row.state.scope.ref.hex()}",
            starts=format_dtg(Instant(starts_at)), ends=format_dtg(Instant(ends_at)), hosts=[("", "—"), *parties],
            host=_first(setting, "host"), place=_first(setting, "place"),
            agenda=list_speakable(desk, self._pages.titles, named),
            agenda_chosen=tuple(id_.hex() for id_ in named),
            **(given if setting is None else {**given, "medium": setting.medium.value}),
        )  # fmt: skip

    def call_off(self, request: Asking, row: Planned) -> Response[Any]:
        """Ask why."""
        return self._pages.render(
            request, "meeting_off.html", path=f"/duties/call-off/{row.state.scope.ref.hex()}", back=BACK,
            reasons=list_terms(MeasureReason),
        )  # fmt: skip

    def answer(self, request: Asking, row: Planned) -> Response[Any]:
        """Ask whether we will come, or when else we could."""
        return self._pages.render(
            request, "meeting_answer.html", path=f"/duties/answer/{row.state.scope.ref.hex()}", back=BACK,
            options=list_terms(InvitationAnswer), setting=row.setting, stated_by=row.state.settings[-1].id.hex(),
            commitment=row.entry.commitment,
        )  # fmt: skip

    def held(self, request: Asking, row: Planned) -> Response[Any]:
        """Offer the meeting as it was planned, to be stated as it was."""
        entry, setting = row.entry, row.setting
        machine = self._desk.node.machine
        came = {*entry.invited, row.stated.author} - {machine.party}
        given = {
            **offer_meeting(self._desk), "commitment": entry.commitment, "body": next(iter(entry.body), ""),
            "level": entry.level.value, "medium": setting.medium.value, "to_chosen": tuple(came),
            "began": format_dtg(Instant(setting.starts_at)), "ended": format_dtg(Instant(setting.ends_at)),
        }  # fmt: skip
        return self._pages.render(
            request, "meeting_held.html", heading=say("The planned meeting was held"),
            path=f"/duties/held-as-planned/{row.state.scope.ref.hex()}", back=BACK, **given,
        )  # fmt: skip


def _first(setting: Setting | None, name: str) -> str:
    return "" if setting is None else next(iter(getattr(setting, name)), "")
