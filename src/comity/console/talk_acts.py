"""Acts on a consultation: answer the call, convene, take a position, open what comes of it, conclude."""

from typing import Any, Final

from comity.api.desk import Desk
from comity.api.terms import say_term
from comity.api.words import LANGUAGE_NAMES, LANGUAGES, say
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, MINUTE_MS
from comity.base.names import Audience
from comity.console.consultation import Talk, find_talk
from comity.console.fields import Fields
from comity.console.forms import (
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
from comity.console.measure_terms import make_terms_fields, read_terms
from comity.console.moments import read_moment
from comity.console.writing import Kind, Place, Speaker, Writing, make_reason
from comity.pact.offices import Act
from comity.procedure.call import DeclineReason, Medium, Outcome
from comity.procedure.consultation import PartyCell
from comity.procedure.correction import CorrectionReason
from comity.procedure.fields import Level
from comity.procedure.national import ActionStage
from comity.procedure.position import Position
from comity.procedure.text import TextKind

__all__ = ["OF_TALK", "may_answer"]


def _is_open(_: Place, talk: Talk) -> bool:
    return talk.is_open and talk.call is not None


def _has_called(place: Place, talk: Talk) -> bool:
    return talk.call is not None and talk.call.author == place.desk.node.machine.party


def _own(place: Place, talk: Talk) -> PartyCell:
    return talk.cell_of(place.desk.node.machine.party)


def may_answer(place: Place, talk: Talk) -> bool:
    """Tell whether the call waits for this party's answer."""
    cell = _own(place, talk)
    return _is_open(place, talk) and not _has_called(place, talk) and not (cell.acknowledgement or cell.declined)


def _make(type_: str, **more: Any) -> dict[str, object]:
    return {"type": type_, **more}


def _list_subjects(talk: Talk) -> tuple[Option, ...]:
    """Return what a position can be on: the consultation, its texts and its measures."""
    names = {"text": say("the text {id}"), "measure": say("the measure {id}")}
    others = [(scope.ref.hex(), names[scope.kind].replace("{id}", scope.ref.hex()[:12])) for scope in talk.scopes
              if scope.kind in names]  # fmt: skip
    return ((talk.id, say("the consultation itself")), *others)


def _position_fields(_: Place, talk: Talk) -> list[Field]:
    return [
        make_choice("position", say("Position"), list_terms(Position)),
        make_choice("subject", say("On"), _list_subjects(talk)),
        make_moment("confirm_by_at", say("Ad referendum: by when the capital confirms"), is_needed=False),
    ]


def _position(place: Place, talk: Talk, fields: Fields, __: Speaker) -> dict[str, object]:
    position = read_one_of(fields, "position", list_terms(Position))
    is_referred = position == Position.ACCEPT_AD_REFERENDUM
    by_at = read_moment(fields, "confirm_by_at", now=place.desk.node.now(), is_needed=is_referred)
    subject = read_one_of(fields, "subject", _list_subjects(talk))
    return _make("PositionStated", consultation=talk.id, subject=subject, position=position,
                 confirm_by_at=by_at if is_referred else 0)  # fmt: skip


def _await_fields(place: Place, talk: Talk) -> list[Field]:
    soon = place.desk.node.now() + 2 * HOUR_MS
    return [
        make_choice("subject", say("On"), _list_subjects(talk)),
        make_moment("expected_at", say("By when they are expected"), soon),
    ]


def _await(place: Place, talk: Talk, fields: Fields, __: Speaker) -> dict[str, object]:
    subject = read_one_of(fields, "subject", _list_subjects(talk))
    return _make("InstructionsAwaited", consultation=talk.id, subject=subject,
                 expected_at=read_moment(fields, "expected_at", now=place.desk.node.now()))  # fmt: skip


def _list_own(place: Place, talk: Talk) -> tuple[Option, ...]:
    party, subjects = place.desk.node.machine.party, dict(_list_subjects(talk))
    return tuple(
        (held.id.hex(), f"{say_term(held.position)} · {subjects.get(held.subject.hex(), '')}")
        for held in talk.state.positions
        if held.party == party
    )


def _explain_fields(place: Place, talk: Talk) -> list[Field]:
    return [
        make_choice("position", say("Which position of ours"), _list_own(place, talk)),
        *make_words(place.desk, place.titles, say("The reserve, the objection or the reasons")),
    ]


def _explain(place: Place, talk: Talk, fields: Fields, _: Speaker) -> dict[str, object]:
    return _make("PositionExplained", consultation=talk.id, text=read_marked(place.desk, fields),
                 position=read_one_of(fields, "position", _list_own(place, talk)))  # fmt: skip


def _convene_fields(place: Place, _: Talk) -> list[Field]:
    soon = place.desk.node.now() + 15 * MINUTE_MS
    return [
        make_choice("medium", say("How"), list_terms(Medium)),
        make_choice("level", say("At the level of"), list_terms(Level), Level.ADVISERS.value),
        make_moment("starts_at", say("When it begins"), soon),
    ]


def _convene(place: Place, talk: Talk, fields: Fields, __: Speaker) -> dict[str, object]:
    return _make("ConsultationConvened", consultation=talk.id, level=read_one_of(fields, "level", list_terms(Level)),
                 medium=read_one_of(fields, "medium", list_terms(Medium)),
                 starts_at=read_moment(fields, "starts_at", now=place.desk.node.now()))  # fmt: skip


def _text_fields(_: Place, __: Talk) -> list[Field]:
    tongues = tuple((one, LANGUAGE_NAMES[one]) for one in LANGUAGES)
    return [
        make_choice("kind", say("What it is to be"), list_terms(TextKind)),
        make_ticks("languages", say("Languages of equal authority"), tongues, LANGUAGES),
    ]


def _open_text(_: Place, talk: Talk, fields: Fields, __: Speaker) -> dict[str, object]:
    languages = read_boxes(fields, "languages", [(one, "") for one in LANGUAGES]) or list(LANGUAGES)
    return _make("TextOpened", consultation=[talk.id], kind=read_one_of(fields, "kind", list_terms(TextKind)),
                 languages=languages)  # fmt: skip


def _offer(place: Place, talk: Talk, fields: Fields, _: Speaker) -> dict[str, object]:
    others = list_parties(place.desk, place.titles, but_own=True)
    return _make("MeasureOffered", consultation=[talk.id], terms=read_terms(place, talk, fields),
                 coordinated_with=read_boxes(fields, "with", others))  # fmt: skip


def _offer_fields(place: Place, talk: Talk) -> list[Field]:
    others = list_parties(place.desk, place.titles, but_own=True)
    return [
        make_ticks("with", say("Coordinated with, who has to accept"), others, hint=say("none: nobody need accept")),
        *make_terms_fields(place, talk),
    ]


def _act(place: Place, talk: Talk, fields: Fields, _: Speaker) -> dict[str, object]:
    stage = read_one_of(fields, "stage", list_terms(ActionStage))
    return _make("NationalActionStated", consultation=[talk.id], stage=stage, terms=read_terms(place, talk, fields))


def _act_fields(place: Place, talk: Talk) -> list[Field]:
    stage = make_choice("stage", say("How far it is"), list_terms(ActionStage), ActionStage.UNDER_WAY.value)
    return [stage, *make_terms_fields(place, talk)]


def _conclude_fields(_: Place, __: Talk) -> list[Field]:
    return [make_choice("outcome", say("What we hold to be the result"), list_terms(Outcome))]


def _conclude(_: Place, talk: Talk, fields: Fields, __: Speaker) -> dict[str, object]:
    outcome = read_one_of(fields, "outcome", list_terms(Outcome))
    return _make("ConclusionStated", consultation=talk.id, outcome=outcome)


def _decline(_: Place, talk: Talk, fields: Fields, __: Speaker) -> dict[str, object]:
    reason = read_one_of(fields, "reason", list_terms(DeclineReason))
    return _make("CallDeclined", consultation=talk.id, reason=reason)


def _unacknowledge(place: Place, talk: Talk, fields: Fields, _: Speaker) -> dict[str, object]:
    del fields
    held = _own(place, talk).acknowledgement
    if held is None:
        raise UsageError("cli.none-here", kind="acknowledgement")
    return _make("AcknowledgementWithdrawn", consultation=talk.id, acknowledgement=held.id.hex())


def _withdraw(_: Place, talk: Talk, fields: Fields, __: Speaker) -> dict[str, object]:
    reason = read_one_of(fields, "reason", list_terms(CorrectionReason))
    return _make("EntryWithdrawn", entry=talk.id, reason=reason)


def _find_audience(_: Desk, talk: Talk, __: Fields) -> Audience:
    return talk.state.scope.audience


OF_TALK: Final[Kind[Talk]] = Kind(
    path="/consultations/{id:str}",
    find=find_talk,
    find_audience=_find_audience,
    find_page=lambda talk: f"/consultations/{talk.id}",
    writings=(
        Writing("position", lambda: say("State a position"), Act.POSITION, _position, _position_fields, _is_open),
        Writing("await", lambda: say("Instructions awaited"), Act.POSITION, _await, _await_fields, _is_open,
                hint=lambda: say("It is no position and no excuse: it tells the others when to ask again.")),
        Writing("explain", lambda: say("Explain a position"), Act.POSITION, _explain, _explain_fields,
                lambda place, talk: _is_open(place, talk) and bool(_list_own(place, talk))),
        Writing("convene", lambda: say("Convene the parties"), Act.CONVENE, _convene, _convene_fields, _is_open),
        Writing("text", lambda: say("Open a text"), Act.DRAFT, _open_text, _text_fields, _is_open),
        Writing("measure", lambda: say("Offer a measure"), Act.MEASURE, _offer, _offer_fields, _is_open),
        Writing("action", lambda: say("Tell of our own action"), Act.MEASURE, _act, _act_fields, _is_open,
                hint=lambda: say("What we do in our own right is told; nobody's leave is asked.")),
        Writing("conclude", lambda: say("State our conclusion"), Act.CONCLUDE,
                _conclude, _conclude_fields,
                lambda place, talk: _is_open(place, talk) and _own(place, talk).conclusion is None,
                hint=lambda: say("It binds, and is not taken back. Concluded is what every party has said to be.")),
        Writing("decline", lambda: say("Decline the call"), Act.POSITION,
                _decline, make_reason(DeclineReason), may_answer,
                hint=lambda: say("Lawful: it is a duty to consult, not to act.")),
        Writing("unacknowledge", lambda: say("Take our acknowledgement back"), Act.ACKNOWLEDGE,
                _unacknowledge, None,
                lambda place, talk: _is_open(place, talk) and _own(place, talk).acknowledgement is not None),
        Writing("withdraw", lambda: say("Withdraw our call"), Act.CORRECT,
                _withdraw, make_reason(CorrectionReason),
                lambda place, talk: _is_open(place, talk) and _has_called(place, talk), is_grave=True),
    ),
)  # fmt: skip
