"""A draft on a page, previewed: what each party would read, what is withheld from whom, and who could come to see it.

The same functions as the API and the command line ask: `preview_draft` tears and decides, `show_preview` follows every
chain. Nothing is made, given or stated here. What cannot be previewed is shown as its code.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from comity.api.composing import preview_draft
from comity.api.desk import Desk
from comity.api.items import make_portion
from comity.api.release_view import show_preview
from comity.api.shape import Composing
from comity.api.views.items import Composed, VersionShown
from comity.api.views.release import OutlookShown
from comity.base.catalogue import Code
from comity.base.encoding import encode
from comity.base.errors import ComityError, UsageError
from comity.base.names import Party
from comity.console.draft import Draft, make_composing
from comity.pact.foreign import LABELS, Vocabulary, find_row
from comity.procedure.chain import NO_ITEM
from comity.procedure.verdict import Subject

__all__ = ["Choices", "Preview", "Rendition", "find_basis", "find_choices", "preview"]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One item of a draft as its recipients would read it, and what every other party could come to see of it."""

    version: VersionShown
    outlook: tuple[OutlookShown, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft comes to now; or `fault`, what stands in its way, with its details."""

    composed: Composed | None = None
    renditions: tuple[Rendition, ...] = ()
    fault: Code | None = None
    details: tuple[tuple[str, str], ...] = ()

    @property
    def plan(self) -> str:
        """The plan, by which sending is held to what was seen."""
        return self.composed["plan"] if self.composed is not None else ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields of a draft offer: this party's own levels, the pact's topics, its parties and agreements."""

    parties: tuple[Party, ...]
    levels: tuple[str, ...]
    labels: tuple[str, ...]
    topics: tuple[str, ...]
    agreements: tuple[str, ...]


_NOT_HERE: Final = ("content", "text")


def find_choices(desk: Desk) -> Choices:
    """Return what a draft can be made of here."""
    machine = desk.node.machine
    pact, me = machine.pact, machine.party
    labels = [label for label in LABELS[Vocabulary.TLP_2] if find_row(pact.foreign, Vocabulary.TLP_2, label, me)]
    return Choices(
        parties=tuple(party for party in machine.parties if party != me),
        levels=tuple(level["id"] for level in desk.levels()),
        labels=tuple(labels),
        topics=tuple(topic.id for topic in pact.topics),
        agreements=tuple(row.id for row in pact.agreements if me in row.parties),
    )


def preview(desk: Desk, draft: Draft) -> Preview:
    """Return what each recipient would read if a draft were sent now."""
    try:
        composing = make_composing(draft)
        composed = preview_draft(desk.node, desk.items, composing)
        renditions = tuple(_follow(desk, composing, version) for version in composed["items"])
    except ComityError as error:
        details = tuple(
            (name, str(value)) for name, value in error.details.items() if name not in _NOT_HERE and value != ""
        )
        return Preview(fault=error.row, details=details)
    return Preview(composed, renditions)


def _follow(desk: Desk, composing: Composing, version: VersionShown) -> Rendition:
    """Return a version with every chain by which somebody else could come to see it once it is given."""
    machine = desk.node.machine
    portions = [make_portion(desk.node, desk.items, composing.portions[row["of"] - 1]) for row in version["portions"]]
    found = show_preview(
        Subject(desk.items.find_markings(portions), NO_ITEM),
        holder=machine.party,
        ground=machine.funnel.find_ground(desk.node.now()),
        known_holders=version["to"],
        expires_at=composing.expires_at,
    )
    return Rendition(version, tuple(found["by_party"]))


def find_basis(draft: Draft, seen: Preview) -> bytes:
    """Return the digest of everything that would be given to anybody, under which it is confirmed.

    Raises:
        UsageError: what stands in the way of the draft.
    """
    if seen.fault is not None:
        raise UsageError(seen.fault.name, **dict(seen.details))
    if seen.composed is None:
        raise UsageError("console.field-missing", field="text" if draft.to else "to")
    if not seen.renditions:
        refused = seen.composed["withheld"][0]["decision"]
        of = {"of": refused["of"]} if "of" in refused else {"reason": refused["reason"]}
        raise UsageError(
            "release.needs-consent" if "of" in refused else "release.withheld", clause=refused["clause"], **of
        )
    rows: list[Any] = [[row["to"], [_freeze(portion) for portion in row["portions"]]] for row in seen.composed["items"]]
    files = [row.attachment for row in draft.portions]
    return hashlib.sha256(encode([seen.plan, draft.expires, files, rows])).digest()


def _freeze(portion: Any) -> list[str]:
    marking = portion["marking"]
    parts = [portion["kind"], marking["level"], *marking["topics"], *marking["caveats"], portion["language"],
             portion["text"], portion["media"], str(portion["attachment"])]  # fmt: skip
    return [*parts, *(str(portion[name]) for name in ("likelihood", "confidence", "reliability", "credibility"))]
