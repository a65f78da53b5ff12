"""Acts on an object of a consultation: which there are, which form each has, and what its fields come to.

An act is a row: its name in the path, what it is called, the right that it needs, its fields, and the statement that
they make. Whether it is offered now goes by how the object stands; the node decides in the end, and says why not.
Everything goes the one way of `acts`.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, NamedTuple, TypeVar

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.names import Audience
from comity.console.acts import Acts
from comity.console.fields import Fields
from comity.console.forms import Field, list_terms, read_boxes
from comity.console.forms import Kind as FieldKind
from comity.console.pages import Pages
from comity.console.signing import Proposal, find_name, propose
from comity.console.visit import Visit
from comity.pact.offices import Act

__all__ = [
    "Kind",
    "Offered",
    "Place",
    "Speaker",
    "Writing",
    "list_offered",
    "make_reason",
    "make_writing",
    "read_audience",
]

S = TypeVar("S")


class Speaker(NamedTuple):
    """In which role, under which pseudonym, an officer says it."""

    role: str
    officer: str


class Place(NamedTuple):
    """Where an act is done: at whose desk, with which titles."""

    desk: Desk
    titles: Titles


@dataclass(frozen=True, slots=True)
class Writing(Generic[S]):
    """One act. Without `fields` it is a button; `hint` says what it does, where its name does not.

    `speaks`: the statement names role and officer. `may` tells whether it is offered as the object stands. `opens` is
    the page of what it begins, as in `Proposal`.
    """

    name: str
    title: Callable[[], str]
    right: Act
    make: Callable[[Place, S, Fields, Speaker], Mapping[str, object]]
    fields: Callable[[Place, S], Sequence[Field]] | None = None
    may: Callable[[Place, S], bool] = lambda place, subject: True  # noqa: ARG005
    hint: Callable[[], str] | None = None
    speaks: bool = False
    is_grave: bool = False
    hint_of: Callable[[S], str] | None = None
    """What it does to one object, instead of `hint`."""
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Kind(Generic[S]):
    """The acts on one kind of object: its path, how one is found, who its audience is, and the page to lead back to."""

    path: str
    writings: tuple[Writing[S], ...]
    find: Callable[[Desk, str], S]
    find_audience: Callable[[Desk, S, Fields], Audience]
    find_page: Callable[[S], str]

    def get(self, name: str) -> Writing[S]:
        """Return an act by its name.

        Raises:
            UsageError: `console.no-page`.
        """
        found = next((one for one in self.writings if one.name == name), None)
        if found is None:
            raise UsageError("console.no-page")
        return found


@dataclass(frozen=True, slots=True)
class Offered:
    """An act that can be done now: where its form is, or where its button goes."""

    title: str
    path: str
    is_button: bool
    is_grave: bool


def list_offered(place: Place, kind: Kind[S], subject: S, id_: str) -> tuple[Offered, ...]:
    """Return the acts that can be done on an object as it stands."""
    base = kind.path.replace("{id:str}", id_)
    return tuple(
        Offered(
            title=one.title(),
            path=f"{base}/{one.name}" if one.fields is None else f"{base}/write/{one.name}",
            is_button=one.fields is None,
            is_grave=one.is_grave,
        )
        for one in kind.writings
        if one.may(place, subject)
    )


def make_writing(pages: Pages, desk: Desk, acts: Acts, kind: Kind[Any]) -> list[HTTPRouteHandler]:
    """Return the routes of all acts on a kind of object: the page of each form, and the acts themselves."""
    place = Place(desk, pages.titles)

    def show(request: Request[Any, Any, Any], id_: str, name: str) -> Response[Any]:
        writing, subject = kind.get(name), kind.find(desk, id_)
        if writing.fields is None:
            raise UsageError("console.no-page")
        return pages.render(
            request, "write.html", heading=writing.title(), fields=_fill(request, writing.fields(place, subject)),
            path=f"{kind.path.replace('{id:str}', id_)}/{name}", page=kind.find_page(subject),
            hint=_say_hint(writing, subject),
        )  # fmt: skip

    routes: list[HTTPRouteHandler] = []
    if "{id:str}" in kind.path:

        @get(f"{kind.path}/write/{{name:str}}")
        async def form_of(
            request: Request[Any, Any, Any],
            id: FromPath[str],  # noqa: A002
            name: FromPath[str],
        ) -> Response[Any]:
            return show(request, id, name)

        routes.append(form_of)
    else:

        @get(f"{kind.path}/write/{{name:str}}")
        async def form(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
            return show(request, "", name)

        routes.append(form)
    for writing in kind.writings:
        routes += acts.make(
            f"{kind.path}/{writing.name}",
            _make_propose(place, kind, writing),
            speaks_as=writing.right if writing.speaks else None,
        )
    return routes


def _say_hint(writing: Writing[S], subject: S) -> str:
    if writing.hint_of is not None:
        return writing.hint_of(subject)
    return writing.hint() if writing.hint is not None else ""


def _fill(request: Request[Any, Any, Any], fields: Sequence[Field]) -> list[Field]:
    """Put into the fields what the link that led here names: a report to call on, a measure to take a position on."""
    given = request.query_params
    return [replace(one, value=tuple(given.getall(one.name))) if one.name in given else one for one in fields]


def _make_propose(place: Place, kind: Kind[S], writing: Writing[S]) -> Callable[[Visit, Fields, str], Proposal]:
    def make(visit: Visit, fields: Fields, role: str) -> Proposal:
        subject = kind.find(place.desk, fields.place.get("id", ""))
        speaker = Speaker(role, find_name(visit, place.desk.node.machine.party))
        statement = writing.make(place, subject, fields, speaker)
        to = kind.find_audience(place.desk, subject, fields)
        return propose(place.desk, statement, to=to, opens=writing.opens)

    return make


def make_reason(terms: type[enum.Enum]) -> Callable[[Place, Any], Sequence[Field]]:
    """Return the form of one field: why."""

    def fields(place: Place, subject: object) -> Sequence[Field]:
        del place, subject
        options = list_terms(terms)
        return [Field("reason", say("Reason"), FieldKind.CHOICE, options, (options[0][0],))]

    return fields


def read_audience(desk: Desk, fields: Fields) -> Audience:
    """Return to whom something new is said: the parties that were ticked, all where none was."""
    parties = tuple((party, "") for party in desk.node.machine.parties)
    return tuple(sorted({*(read_boxes(fields, "to", parties) or desk.node.machine.parties), desk.node.machine.party}))
