"""One text as its drafters need it: the pen, every version, amendments, and the passages in brackets."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.api.desk import Desk
from comity.api.form import format_statement, parse_id, read_words
from comity.api.views.record import StatementShown
from comity.base.errors import UsageError
from comity.machine.machine import Machine
from comity.procedure.adoption import TextState
from comity.procedure.bracket import Bracket, list_brackets
from comity.procedure.text import TextOpened, TextVersionProposed

__all__ = ["DraftView", "make_drafting", "show_draft"]


class VersionView(msgspec.Struct, frozen=True):
    """One version in the order of the pen; `texts` by language."""

    number: int
    digest: str
    stated: StatementShown
    texts: Mapping[str, str]


class PassageSpan(msgspec.Struct, frozen=True):
    """Where a passage stands in the text of one language."""

    language: str
    first: int
    end: int


class BracketView(msgspec.Struct, frozen=True):
    """A passage that a party has not agreed to: what it says in each language, and the words proposed for it."""

    id: str
    party: str
    version: str
    quotes: Mapping[str, str]
    passages: tuple[PassageSpan, ...]
    is_lifted: bool
    wordings: tuple[StatementShown, ...]


class DraftView(msgspec.Struct, frozen=True):
    """A text with all that was written on it. `holder` is empty while the pen is handed over and not taken."""

    id: str
    kind: str
    languages: tuple[str, ...]
    holder: str
    offered_to: str
    handed_over: str
    versions: tuple[VersionView, ...]
    amendments: tuple[StatementShown, ...]
    brackets: tuple[BracketView, ...]
    not_counted: tuple[str, ...]


def make_drafting(desk: Desk) -> list[HTTPRouteHandler]:
    """Return the view."""

    @get("/v1/texts/{text:str}", summary="One text: its pen, versions, amendments and bracketed passages")
    async def draft(text: FromPath[str]) -> DraftView:
        return show_draft(desk.node.machine, text)

    return [draft]


def show_draft(machine: Machine, text: str) -> DraftView:
    """Return one text by its id.

    Raises:
        UsageError: `api.malformed`, `cli.no-such-object`.
    """
    scope = machine.record.find_scope_of(parse_id(text))
    state = None if scope is None or scope.kind != "text" else machine.record.get_state(scope)
    if not isinstance(state, TextState) or state.opened is None or state.pen is None:
        raise UsageError("cli.no-such-object", beginning=text[:16])
    opened, pen = state.opened.entry, state.pen
    assert isinstance(opened, TextOpened)
    versions = tuple(
        VersionView(version.number, version.digest.hex(), format_statement(version.proposed), _read(version.proposed))
        for version in pen.versions
    )
    texts = {version.digest: version.texts for version in versions}
    return DraftView(
        id=state.scope.ref.hex(),
        kind=opened.kind.value,
        languages=opened.languages,
        holder=pen.holder or "",
        offered_to=pen.offered_to or "",
        handed_over="" if pen.handed_over is None else pen.handed_over.hex(),
        versions=versions,
        amendments=tuple(map(format_statement, state.amendments)),
        brackets=tuple(_show_bracket(bracket, texts[bracket.version.hex()]) for bracket in list_brackets(state)),
        not_counted=tuple(id_.hex() for id_ in pen.refused),
    )


def _read(proposed: Any) -> dict[str, str]:
    assert isinstance(proposed.entry, TextVersionProposed)
    return read_words(proposed.entry.body)


def _show_bracket(bracket: Bracket, texts: Mapping[str, str]) -> BracketView:
    return BracketView(
        id=bracket.stated.id.hex(),
        party=bracket.party,
        version=bracket.version.hex(),
        quotes={row.language: texts[row.language][row.first : row.end] for row in bracket.passages},
        passages=tuple(PassageSpan(row.language, row.first, row.end) for row in bracket.passages),
        is_lifted=bracket.is_lifted,
        wordings=tuple(map(format_statement, bracket.wordings)),
    )
