"""A draft on a page: what an officer typed into each portion, and what the API would be asked with it.

Rules
- A form's fields are numbered by portion (`text-2`); their numbers are those of the page and mean nothing else.
- What is left empty is not assessed, and a portion without a level is refused, never given a default.
- A caveat is one of the forms that the pact can read (R6): it is ticked, and not typed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from comity.api.shape import Composing
from comity.base.errors import UsageError
from comity.base.instants import MINUTE_MS
from comity.base.names import Party
from comity.console.fields import Fields
from comity.console.moments import parse_moment
from comity.procedure.caveat import ORIGINATOR_CONTROLLED, write_listed, write_under

__all__ = ["KINDS", "PORTION_COUNT_MAX", "Draft", "Written", "make_composing", "read_draft"]

KINDS: Final = ("text", "attribution", "attachment")
PORTION_COUNT_MAX: Final = 24
"""Portions on one page; a longer draft is a file for `comity item compose`."""
NATIONAL: Final = "NATIONAL EYES ONLY"


@dataclass(frozen=True, slots=True)
class Written:
    """One portion as it was typed. `attachment` is the id of a file that was handed in, `file` its name."""

    kind: str = "text"
    level: str = ""
    tlp: str = ""
    topics: tuple[str, ...] = ()
    is_national: bool = False
    is_controlled: bool = False
    listed: tuple[Party, ...] = ()
    under: tuple[str, ...] = ()
    language: str = "en"
    text: str = ""
    likelihood: str = ""
    confidence: str = ""
    reliability: str = ""
    credibility: str = ""
    attachment: str = ""
    file: str = ""
    media: str = ""

    @property
    def caveats(self) -> tuple[str, ...]:
        """The caveats in their one permitted form, ascending."""
        found = [NATIONAL] if self.is_national else []
        found += [ORIGINATOR_CONTROLLED] if self.is_controlled else []
        found += [write_listed(frozenset(self.listed))] if self.listed else []
        found += [write_under(frozenset(self.under))] if self.under else []
        return tuple(sorted(found))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written into it yet."""
        return not (self.text.strip() or self.attachment)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed: for whom, until when (`YYYY-MM-DDTHH:MM` in UTC, or nothing), and the portions in order."""

    to: tuple[Party, ...] = ()
    expires: str = ""
    portions: tuple[Written, ...] = (Written(),)

    def add(self) -> "Draft":
        """Add a portion marked as the last one: the next paragraph of a report rarely differs."""
        last = self.portions[-1] if self.portions else Written()
        more = replace(last, kind="text", text="", likelihood="", confidence="", attachment="", file="", media="")
        return replace(self, portions=(*self.portions, more)[:PORTION_COUNT_MAX])

    def drop(self, at: int) -> "Draft":
        """Leave a portion out; one always stays."""
        left = tuple(row for number, row in enumerate(self.portions) if number != at)
        return replace(self, portions=left or (Written(),))

    def attach(self, at: int, *, attachment: str, file: str, media: str) -> "Draft":
        """Make a portion the file that was handed in."""
        rows = list(self.portions)
        rows[at] = replace(rows[at], kind="attachment", attachment=attachment, file=file, media=media, text="")
        return replace(self, portions=tuple(rows))


def read_draft(fields: Fields) -> Draft:
    """Return the draft that a form brought.

    Raises:
        UsageError: `console.field-malformed`.
    """
    count = fields.find_number("portions", 1)
    if not 1 <= count <= PORTION_COUNT_MAX:
        raise UsageError("console.field-malformed", field="portions")
    portions = tuple(_read_portion(fields, number) for number in range(1, count + 1))
    return Draft(fields.list("to"), fields.find("expires"), portions)


def _read_portion(fields: Fields, number: int) -> Written:
    def find(name: str) -> str:
        return fields.find(f"{name}-{number}")

    kind = find("kind")
    return Written(
        kind=kind if kind in KINDS else KINDS[0],
        level=find("level"),
        tlp=find("tlp"),
        topics=fields.list(f"topics-{number}"),
        is_national=bool(find("national")),
        is_controlled=bool(find("controlled")),
        listed=fields.list(f"listed-{number}"),
        under=fields.list(f"under-{number}"),
        language=find("language") or "en",
        text=find("text"),
        likelihood=find("likelihood"),
        confidence=find("confidence"),
        reliability=find("reliability"),
        credibility=find("credibility"),
        attachment=find("attachment"),
        file=find("file"),
        media=find("media"),
    )


def make_composing(draft: Draft, *, preview: bool = True, plan: str = "") -> Composing:
    """Return what the API would be asked with a draft; portions that are still empty are left out.

    Raises:
        UsageError: `console.field-malformed`, with the field.
    """
    form = {
        "to": draft.to,
        "portions": [_make_portion(row) for row in draft.portions if not row.is_empty],
        "preview": preview,
        "expires_at": _read_end(draft.expires),
        "plan": plan,
    }
    try:
        return msgspec.convert(form, Composing, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError("console.field-malformed", field=_find_field(str(error))) from error


def _make_portion(row: Written) -> dict[str, Any]:
    graded: dict[str, Callable[[str], object]] = {"likelihood": str, "confidence": str, "reliability": str,
                                                  "credibility": int}  # fmt: skip
    sure = {name: _grade(read, getattr(row, name), name) for name, read in graded.items() if getattr(row, name)}
    marking = {"topics": row.topics, "caveats": row.caveats, **({"tlp": row.tlp} if row.tlp else {"level": row.level})}
    of_kind = (
        {"attachment": row.attachment, "media": row.media or "application/octet-stream"}
        if row.kind == "attachment"
        else {"text": row.text, "language": row.language}
    )
    return {"marking": marking, "kind": row.kind, **of_kind, **sure}


def _grade(read: Callable[[str], object], text: str, name: str) -> object:
    try:
        return read(text)
    except ValueError as error:
        raise UsageError("console.field-malformed", field=name) from error


def _read_end(text: str) -> list[int]:
    """Return the minute that was typed."""
    at = parse_moment(text, now=None)
    if text and at is None:
        raise UsageError("console.field-malformed", field="expires")
    return [] if at is None else [at - at % MINUTE_MS]


def _find_field(complaint: str) -> str:
    """Return which field a complaint is about, without what was in it."""
    return complaint.rpartition("`$")[2].rstrip("`").lstrip(".")[:64] if "`$" in complaint else ""
