"""Requests and answers of the API that are not statements, and the one shape of its errors (RFC 9457)."""

from typing import Annotated, Any

import msgspec

from comity.api.form import HEX
from comity.api.words import say
from comity.base.errors import ComityError
from comity.base.limits import INSTANT_MS_MAX

__all__ = ["Consenting", "PassingOn", "PortionForm", "Problem", "Sharing", "Showing", "Stating", "make_problem"]

Hex = Annotated[str, msgspec.Meta(pattern=HEX, max_length=128)]
PartyName = Annotated[str, msgspec.Meta(max_length=12)]
Parties = Annotated[tuple[PartyName, ...], msgspec.Meta(max_length=256)]


class Stating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Statements to make to one audience, in order, on one page if it holds them. `to` may leave out oneself.

    Whoever repeats a request whose answer did not come gives it the same `key`, drawn at random: it is done once.
    """

    to: Parties
    statements: Annotated[tuple[dict[str, Any], ...], msgspec.Meta(min_length=1, max_length=256)]
    key: Annotated[str, msgspec.Meta(max_length=64)] = ""


class PortionMarking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A marking in the originator's own scheme."""

    level: Annotated[str, msgspec.Meta(max_length=48)]
    topics: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)]
    caveats: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)] = ()


class PortionForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One portion of an item: text with its own marking."""

    marking: PortionMarking
    text: Annotated[str, msgspec.Meta(max_length=65_536)]
    language: Annotated[str, msgspec.Meta(max_length=35)] = "en"


class Sharing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item to make and share. `preview` true decides and sends nothing."""

    to: Parties
    portions: Annotated[tuple[PortionForm, ...], msgspec.Meta(min_length=1, max_length=256)]
    preview: bool = False


class PassingOn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item of another party's to pass on."""

    item: Hex
    to: PartyName


class Consenting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Consent to one passing-on of an own item, good until an instant."""

    item: Hex
    holder: PartyName
    recipient: PartyName
    expires_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]


class Showing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An earlier statement to disclose, by its id. `preview` true decides and sends nothing; `key` as in `Stating`."""

    entry: Hex
    to: Parties
    preview: bool = False
    key: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457: every error of this API has this shape. `code` is stable, wording is not."""

    type: str
    title: str
    status: int
    code: str
    hint: str
    details: dict[str, Any]


def make_problem(error: ComityError) -> Problem:
    """Return the answer for an error of ours."""
    row = error.row
    details = {name: value if isinstance(value, int | str) else str(value) for name, value in error.details.items()}
    return Problem(f"urn:comity:error:{row.name}", say(row.says), row.http_status, row.name, say(row.hint), details)
