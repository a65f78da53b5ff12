"""What is signed about meetings: that one was held, whether we were there, what shows it, how it should have read."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.form import parse_form
from comity.api.words import get_language, say
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, Instant, format_dtg
from comity.console.acts import Acts
from comity.console.fields import Fields
from comity.console.forms import list_terms
from comity.console.hotline_forms import make_correction, offer_body, read_body, read_parties
from comity.console.moments import read_moment
from comity.console.pages import Pages
from comity.console.signing import Proposal, find_name, propose
from comity.console.visit import Visit
from comity.pact.commitment import EvidenceKind
from comity.pact.offices import Act
from comity.procedure.appointment import PlannedMeetingHeld
from comity.procedure.call import Medium
from comity.procedure.correction import CorrectionReason
from comity.procedure.fields import Level
from comity.procedure.meeting import Attendance, EvidenceForm, MeetingHeld, MeetingState

__all__ = ["make_meeting_acts", "offer_meeting", "read_held"]

Asking = Request[Any, Any, Any]
DUTIES = "/duties"


def make_meeting_acts(pages: Pages, desk: Desk, acts: Acts) -> list[HTTPRouteHandler]:
    """Return the forms and the acts."""
    meetings, forms = Meetings(desk), Forms(pages, desk)

    @get("/duties/meeting")
    async def ask_held(request: Asking) -> Response[Any]:
        return forms.held(request)

    @get("/duties/meeting/{entry:str}/correct")
    async def ask_moved(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.held(request, get_meeting(desk, entry))

    @get("/duties/meeting/{entry:str}/evidence")
    async def ask_evidence(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.evidence(request, get_meeting(desk, entry))

    @get("/duties/meeting/{entry:str}/attendance")
    async def ask_attendance(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.attendance(request, get_meeting(desk, entry))

    return [
        ask_held, ask_moved, ask_evidence, ask_attendance,
        *acts.make("/duties/held", meetings.held, speaks_as=Act.MESSAGE),
        *acts.make("/duties/moved/{entry:str}", meetings.moved, speaks_as=Act.MESSAGE),
        *acts.make("/duties/evidence/{entry:str}", meetings.evidence, speaks_as=Act.MESSAGE),
        *acts.make("/duties/attendance/{entry:str}", meetings.attendance, speaks_as=Act.ACKNOWLEDGE),
    ]  # fmt: skip


def get_meeting(desk: Desk, entry: str) -> MeetingState:
    """Return the meeting meant, as it stands.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    state = desk.node.machine.record.get_state(desk.get_object(entry, "meeting"))
    if not isinstance(state, MeetingState) or state.held is None:
        raise UsageError("cli.no-such-object", beginning=entry[:16])
    return state


class Meetings:
    """The acts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def held(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose that a meeting was held; whoever states it was there itself."""
        del visit, role
        return propose(self._desk, read_held(self._desk, fields, []))

    def moved(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose how our statement of a meeting should have read."""
        del visit, role
        state = get_meeting(self._desk, fields.place["entry"])
        assert state.held is not None, "it was found"
        old = state.held.stated
        if old.author != self._desk.node.machine.party or not isinstance(old.entry, MeetingHeld):
            raise UsageError("cli.no-such-object", beginning=fields.place["entry"][:16])
        form = read_held(self._desk, fields, [id_.hex() for id_ in old.entry.consultation])
        if isinstance(old.entry, PlannedMeetingHeld):
            form |= {"type": "PlannedMeetingHeld", "appointment": old.entry.appointment.hex()}
        new = parse_form(form)
        entry = make_correction(old.id, CorrectionReason.MISTAKE.value, new)
        return Proposal(old.audience, (entry,), template="meeting_words.html", shown={"meeting": new})

    def evidence(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose a document that shows a meeting: where it is found, and its digest."""
        del visit, role
        state, digest = get_meeting(self._desk, fields.place["entry"]), fields.find("sha256").lower()
        form = {"type": "MeetingEvidenceGiven", "meeting": state.scope.ref.hex(), "form": fields.get("form_of"),
                "dated_at": read_moment(fields, "dated", now=self._desk.node.now(), is_needed=False), "text": [],
                "digest": [digest] if digest else [], "source": read_body(self._desk, fields)}  # fmt: skip
        return Proposal(state.scope.audience, (parse_form(form),))

    def attendance(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Propose our own word on whether we were there."""
        state = get_meeting(self._desk, fields.place["entry"])
        form = {"type": "MeetingAttended", "meeting": state.scope.ref.hex(), "attendance": fields.get("attendance"),
                "role": role, "officer": find_name(visit, self._desk.node.machine.party)}  # fmt: skip
        return Proposal(state.scope.audience, (parse_form(form),))


def read_held(desk: Desk, fields: Fields, consultation: list[str]) -> dict[str, object]:
    """Return that a meeting was held, as it was typed; whoever states it was there."""
    now, body = desk.node.now(), fields.find("body")
    return {
        "type": "MeetingHeld",
        "commitment": fields.get("commitment"),
        "body": [body] if body else [],
        "level": fields.get("level"),
        "medium": fields.get("medium"),
        "began_at": read_moment(fields, "began", now=now),
        "ended_at": read_moment(fields, "ended", now=now),
        "attended": sorted({*read_parties(desk, fields), desk.node.machine.party}),
        "consultation": consultation,
    }


def offer_meeting(desk: Desk) -> dict[str, Any]:
    """Return what the fields of a meeting offer: commitments that one meets, bodies, levels, means, other parties."""
    machine, language = desk.node.machine, get_language()
    others = [(row.id, f"{row.id} · {row.short.in_language(language)}") for row in machine.pact.parties
              if row.id != machine.party]  # fmt: skip
    commitments = [(row.id, f"{row.title.in_language(language)} ({row.id})") for row in machine.pact.commitments
                   if EvidenceKind.MEETING in row.evidence]  # fmt: skip
    bodies = [("", "—"), *((row.id, row.title.in_language(language)) for row in machine.pact.bodies)]
    return {
        "commitments": commitments, "commitment": "", "bodies": bodies, "body": "", "levels": list_terms(Level),
        "level": Level.MINISTERS.value, "media": list_terms(Medium), "medium": Medium.IN_PERSON.value,
        "to_options": others, "to_chosen": tuple(party for party, _ in others),
    }  # fmt: skip


class Forms:
    """Fills the templates of the forms."""

    def __init__(self, pages: Pages, desk: Desk) -> None:
        self._pages = pages
        self._desk = desk

    def held(self, request: Asking, state: MeetingState | None = None) -> Response[Any]:
        """Ask when and where a meeting was, and under what; or offer one of ours as it stands, to be put right."""
        now, given = self._desk.node.now(), offer_meeting(self._desk)
        entry = None if state is None or state.held is None else state.held.stated.entry
        old = entry if isinstance(entry, MeetingHeld) else None
        if old is not None:
            given |= {"commitment": old.commitment, "body": next(iter(old.body), ""), "level": old.level.value,
                      "medium": old.medium.value, "to_chosen": old.attended}  # fmt: skip
        heading = say("A meeting was held") if old is None else say("Correct the meeting")
        return self._pages.render(
            request, "meeting_held.html", heading=heading, back=DUTIES,
            path="/duties/held" if old is None or state is None else f"/duties/moved/{state.scope.ref.hex()}",
            began=format_dtg(Instant(now - HOUR_MS if old is None else old.began_at)),
            ended=format_dtg(Instant(now if old is None else old.ended_at)), **given,
        )  # fmt: skip

    def evidence(self, request: Asking, state: MeetingState) -> Response[Any]:
        """Ask for a document."""
        return self._pages.render(
            request, "meeting_evidence.html", path=f"/duties/evidence/{state.scope.ref.hex()}", back=DUTIES,
            documents=list_terms(EvidenceForm), **offer_body(self._desk, self._pages.titles),
        )  # fmt: skip

    def attendance(self, request: Asking, state: MeetingState) -> Response[Any]:
        """Ask whether we were there."""
        return self._pages.render(
            request, "meeting_attendance.html", path=f"/duties/attendance/{state.scope.ref.hex()}", back=DUTIES,
            options=list_terms(Attendance),
        )  # fmt: skip
