"""Role-play over the API: what seats of an exercise said, and the texts of injects, as far as this party may read them.

Every row says that it is role-play, whoever takes it out of here (docs/spec/exercise.md, E36).
"""

from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from comity.api.desk import Desk
from comity.api.exercises import find_state
from comity.api.form import find_form, format_statement, parse_id, read_words, to_array
from comity.api.shape import Hex, Parties
from comity.api.views.basic import Ids, one_of
from comity.api.views.record import StatementShown
from comity.base.errors import UsageError
from comity.base.limits import INSTANT_MS_MAX
from comity.machine.machine import Machine
from comity.machine.role_play import judge_role_play, list_role_play
from comity.procedure.entry import MarkedText
from comity.procedure.play import ExerciseState
from comity.procedure.role_play import InjectTold, SeatSpoke, SpeechVerdict, ToldVerdict
from comity.procedure.stated import Stated

__all__ = ["RolePlayView", "Speaking", "list_words", "make_role_play"]


class RolePlayView(msgspec.Struct, frozen=True):
    """Words of a seat, or the text of an inject; `time_ms` is the exercise time, -1 before the start."""

    id: str
    is_role_play: Literal[True]
    seat: str
    number: str
    verdict: Annotated[str, one_of(SpeechVerdict, ToldVerdict)]
    texts: dict[str, str]
    time_ms: int
    stated: StatementShown


class Speaking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a seat says and signed. `to` are its readers beside who carries it; `key` as for statements."""

    to: Parties
    said_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]
    body: find_form(MarkedText)  # type: ignore[valid-type]
    signature: Hex
    number: Annotated[str, msgspec.Meta(max_length=16)] = ""
    key: Annotated[str, msgspec.Meta(max_length=64)] = ""


def make_role_play(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view and the act."""

    @get("/v1/exercises/{exercise:str}/role-play", summary="What seats said and the texts of injects, as role-play")
    async def words(exercise: FromPath[str]) -> list[RolePlayView]:
        return list_words(desk.node.machine, parse_id(exercise))

    @post(
        "/v1/exercises/{exercise:str}/seats/{seat:str}/words",
        summary="Carry what a role-player's seat says and signed",
        status_code=201,
    )
    async def speak(exercise: FromPath[str], seat: FromPath[str], data: JSONBody[Speaking]) -> Ids:
        spoke = _parse_speech(parse_id(exercise), seat, data)
        audience = tuple(sorted({*spoke.to, desk.node.machine.party}))
        return {"ids": [id_.hex() for id_ in await desk.node.say(audience, (spoke,), key=data.key)]}

    return [words, speak]


def _parse_speech(exercise: bytes, seat: str, data: Speaking) -> SeatSpoke:
    number = (data.number,) if data.number else ()
    body = to_array(data.body, MarkedText)
    row = ["SeatSpoke", exercise, seat, sorted(data.to), data.said_at, number, body, bytes.fromhex(data.signature)]
    try:
        return msgspec.convert(row, SeatSpoke)
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError("statement.malformed-form", type="SeatSpoke", why=str(error)[:200]) from error


def list_words(machine: Machine, exercise: bytes) -> list[RolePlayView]:
    """Return the role-play of one exercise that this party may read, in order.

    Raises:
        UsageError: `record.unknown`.
    """
    state = find_state(machine, exercise)
    return [_show(machine, stated, state) for stated in list_role_play(machine, exercise)]


def _show(machine: Machine, stated: Stated, state: ExerciseState) -> RolePlayView:
    entry, time_ms = stated.entry, state.find_time(stated.written_at)
    assert isinstance(entry, SeatSpoke | InjectTold), "role-play is one of the two"
    number = entry.number if isinstance(entry, InjectTold) else "".join(entry.number)
    return RolePlayView(
        id=stated.id.hex(),
        is_role_play=True,
        seat=entry.seat,
        number=number,
        verdict=judge_role_play(machine, stated, state).value,
        texts=read_words(entry.body),
        time_ms=-1 if time_ms is None else time_ms,
        stated=format_statement(stated),
    )
