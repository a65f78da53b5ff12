"""Requests and answers of the API that are not statements, and the one shape of its errors (RFC 9457)."""

from typing import Annotated, Any, Literal

import msgspec

from comity.api.form import HEX
from comity.api.words import say
from comity.base.errors import ComityError
from comity.base.limits import INSTANT_MS_MAX
from comity.procedure.assessment import Confidence, Likelihood
from comity.procedure.threat import Credibility, Reliability

__all__ = [
    "Composing",
    "Consenting",
    "PassingOn",
    "PortionForm",
    "Problem",
    "Sharing",
    "Showing",
    "Stating",
    "make_problem",
]

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
    """A marking in the originator's own scheme; `tlp`, a label of TLP 2.0, in place of a level."""

    topics: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)]
    level: Annotated[str, msgspec.Meta(max_length=48)] = ""
    caveats: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)] = ()
    tlp: Annotated[str, msgspec.Meta(max_length=16)] = ""


class PortionForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One portion of an item, with its own marking. What is left out is not assessed.

    An attachment names the file that was handed in before, and has no text; `media` is its media type.
    """

    marking: PortionMarking
    text: Annotated[str, msgspec.Meta(max_length=65_536)] = ""
    language: Annotated[str, msgspec.Meta(max_length=35)] = "en"
    kind: Literal["text", "attribution", "attachment"] = "text"
    attachment: Annotated[str, msgspec.Meta(pattern=HEX, max_length=64)] = ""
    media: Annotated[str, msgspec.Meta(max_length=128)] = ""
    likelihood: Likelihood | None = None
    confidence: Confidence | None = None
    reliability: Reliability | None = None
    credibility: Credibility | None = None


Portions = Annotated[tuple[PortionForm, ...], msgspec.Meta(min_length=1, max_length=256)]
Ends = Annotated[tuple[Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)], ...], msgspec.Meta(max_length=1)]
"""When it expires, at most one instant; none: it does not."""


class Sharing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item to make and share. `preview` true decides and sends nothing."""

    to: Parties
    portions: Portions
    preview: bool = False
    expires_at: Ends = ()


class Composing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A draft for several recipients, to be torn into items. `preview` true tears it and sends nothing.

    `plan` is what the preview answered: with it, only that is sent.
    """

    to: Parties
    portions: Portions
    preview: bool = False
    expires_at: Ends = ()
    plan: Annotated[str, msgspec.Meta(pattern=HEX, max_length=64)] = ""


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
