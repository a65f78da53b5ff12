"""The pages *Exercises*: all of them, and one with its clock, its list of injects and what became of each act."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.words import get_language
from comity.base.errors import UsageError
from comity.console.acts import Acts
from comity.console.exercise_acts import EXERCISES_PATH, make_exercise_acts
from comity.console.exercises import CONTROL_ROLE, Exercise, find_exercise, list_shown, may_write
from comity.console.forms import list_parties
from comity.console.list_pages import make_lists
from comity.console.list_upload import LIST_BODY_SIZE_BYTES_MAX, read_list, show_refused
from comity.console.lists import Lists
from comity.console.marked import list_marked
from comity.console.moments import format_moment
from comity.console.pages import Pages
from comity.console.shown import say_entry
from comity.console.visit import get_visit
from comity.exercise.check_msel import MselRefused
from comity.exercise.offset import format_offset
from comity.exercise.write_msel import digest_msel
from comity.machine.role_play import judge_role_play, list_role_play
from comity.node.msel_shelf import MselShelf
from comity.procedure.exercise import BreakoutDeclared, Direction
from comity.procedure.measure import MeasureReason
from comity.procedure.play import ExerciseStatus

__all__ = ["SPOKEN_COUNT_MAX", "list_spoken", "make_exercises"]

Asking = Request[Any, Any, Any]
TONES: Final = {
    ExerciseStatus.RUNNING: "good",
    ExerciseStatus.PAUSED: "alert",
    ExerciseStatus.ENDED: "dim",
}
SPOKEN_COUNT_MAX: Final = 100
"""Of what was said as role-play, the latest: the page is drawn anew every few seconds."""
STATE_TONES: Final = {"due": "alert", "fired": "good", "open": "warn", "not-needed": "dim", "skipped": "dim"}
OUTCOME_TONES: Final = {"in-time": "good-text", "late": "warn-text", "missed": "alert-text"}


def make_exercises(pages: Pages, desk: Desk, acts: Acts, shelf: MselShelf) -> list[HTTPRouteHandler]:
    """Return the routes."""
    lists = Lists(desk.node, shelf)
    views = [*_make_index(pages, desk, lists), *_make_one(pages, desk, lists), *make_lists(pages, desk, lists)]
    return [*views, *make_exercise_acts(acts, desk, lists)]


def _make_index(pages: Pages, desk: Desk, lists: Lists) -> list[HTTPRouteHandler]:
    def find_frame(request: Asking) -> dict[str, Any]:
        return {**_words(), "exercises": list_shown(desk, get_visit(request))}

    @get(EXERCISES_PATH)
    async def index(request: Asking) -> Response[Any]:
        piece = pages.fill_live(request, "exercises_now.html", path=f"{EXERCISES_PATH}/now", **find_frame(request))
        may_propose = may_write(desk, get_visit(request))
        terms = desk.node.machine.versions.find_offices(desk.node.machine.parties)
        roles = [role.id for role in terms.offices.roles] if terms is not None else [CONTROL_ROLE]
        return pages.render(
            request, "exercises.html", piece=piece, may_propose=may_propose, roles=roles, role=CONTROL_ROLE,
            lists=lists.list_sound() if may_propose else {}, parties=list_parties(desk, pages.titles), **_words(),
        )  # fmt: skip

    @get(f"{EXERCISES_PATH}/now", opt={"is_quiet": True})
    async def index_now(request: Asking) -> Response[Any]:
        path = f"{EXERCISES_PATH}/now"
        return pages.render_live(request, "exercises_now.html", path=path, **find_frame(request))

    return [index, index_now]


def _make_one(pages: Pages, desk: Desk, lists: Lists) -> list[HTTPRouteHandler]:
    def find_frame(request: Asking, id_: str) -> dict[str, Any]:
        exercise = find_exercise(desk, get_visit(request), lists, id_)
        here = f"{EXERCISES_PATH}/{id_}"  # also where the piece alone is asked for
        return {**_words(), "exercise": exercise, "holds": _say_holds(pages, exercise), "here": here,
                **list_spoken(pages, desk, exercise),
                "says": lambda stated: say_entry(stated.entry, stated.author, pages.titles)}  # fmt: skip

    @get(f"{EXERCISES_PATH}/{{id:str}}")
    async def one(request: Asking, id: FromPath[str]) -> Response[Any]:  # noqa: A002
        frame = find_frame(request, id)
        piece = pages.fill_live(request, "exercise_now.html", path=f"{EXERCISES_PATH}/{id}/now", **frame)
        return pages.render(
            request, "exercise.html", piece=piece, now=format_moment(desk.node.now()), directions=tuple(Direction),
            reasons=tuple(MeasureReason), **frame,
        )  # fmt: skip

    @get(f"{EXERCISES_PATH}/{{id:str}}/now", opt={"is_quiet": True})
    async def one_now(request: Asking, id: FromPath[str]) -> Response[Any]:  # noqa: A002
        path = f"{EXERCISES_PATH}/{id}/now"
        return pages.render_live(request, "exercise_now.html", path=path, **find_frame(request, id))

    @post(f"{EXERCISES_PATH}/{{id:str}}/list", request_max_body_size=LIST_BODY_SIZE_BYTES_MAX, status_code=303)
    async def bring(request: Asking, id: FromPath[str]) -> Response[Any]:  # noqa: A002
        exercise = find_exercise(desk, get_visit(request), lists, id)
        if not exercise.is_control:
            raise UsageError("msel.for-control")
        try:
            msel = await read_list(request, desk)
        except MselRefused as error:
            return show_refused(pages, request, error, back=f"{EXERCISES_PATH}/{id}")
        if digest_msel(msel) != exercise.proposal.list:
            raise UsageError("exercise.other-list")
        lists.keep(msel)
        return pages.lead(f"{EXERCISES_PATH}/{id}?done=1")

    return [one, one_now, bring]


def _say_holds(pages: Pages, exercise: Exercise) -> Sequence[dict[str, Any]]:
    return [
        {"is_breakout": isinstance(hold.entry, BreakoutDeclared), "party": hold.author, "at": hold.written_at,
         "id": hold.id.hex(), "title": pages.titles.title_of("party", hold.author)}
        for hold in exercise.state.holds
    ]  # fmt: skip


def list_spoken(pages: Pages, desk: Desk, exercise: Exercise) -> dict[str, Any]:
    """Return what seats said and the texts of injects that this party may read; the latest, of how many (E36)."""
    machine, state = desk.node.machine, exercise.state
    found = list_role_play(machine, state.scope.ref)
    spoken = [
        {"stated": stated, "verdict": judge_role_play(machine, stated, state),
         "time_ms": state.find_time(stated.written_at),
         "marked": tuple(list_marked(pages.titles, stated.entry, get_language()))}
        for stated in reversed(found[-SPOKEN_COUNT_MAX:])
    ]  # fmt: skip
    return {"spoken": spoken, "spoken_count": len(found)}


def _words() -> dict[str, Any]:
    return {
        "offset": format_offset,
        "tones": TONES,
        "state_tones": STATE_TONES,
        "outcome_tones": OUTCOME_TONES,
        "language": get_language(),
    }
