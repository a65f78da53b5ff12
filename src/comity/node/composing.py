"""Composing: one draft for several recipients, torn into as many items as there are sets of portions (R42, R43).

Preview and sending tear in the same way, at their own instants; who was shown a preview may send only what it showed.
All items are made and linked before the first is given: a node that stops in between has told nobody of what it cannot
find again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.base.encoding import encode
from comity.base.errors import ComityError, UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.label import digest
from comity.machine.funnel import refuse_unless_permitted
from comity.machine.machine import Machine
from comity.node.items import Items, Made
from comity.node.node import Node
from comity.node.uploads import Upload
from comity.procedure.entry import Marking
from comity.procedure.item import Portion, check_portions
from comity.procedure.linked import ItemsLinked
from comity.procedure.tearline import Tear, Version, tear
from comity.procedure.verdict import FUNNEL, Reason

__all__ = ["Composer", "Draft", "Sent"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer wrote, for whom, and until when it may be given."""

    portions: tuple[Portion, ...]
    recipients: tuple[Party, ...]
    expires_at: tuple[Instant, ...] = ()
    uploads: tuple[Upload, ...] = ()
    """The files that its attachments are."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One item of a draft that was given, or that waits for a second officer: `awaits` is the digest of that act."""

    item: Digest
    version: Version
    awaits: str = ""


class Composer:
    """Composes items at one node."""

    def __init__(self, node: Node, items: Items) -> None:
        self._node = node
        self._items = items
        self._machine: Machine = node.machine

    def tear(self, draft: Draft, *, at: Instant) -> Tear:
        """Return which portions would go to whom if the draft were sent now, and what is withheld from whom.

        Raises:
            UsageError: `item.portion-marking`, `item.portion-form`, `item.portion-count`; `release.withheld` where
                nobody is to have it.
        """
        check_portions(draft.portions)
        party = self._machine.party
        if not {*draft.recipients} - {party}:
            raise UsageError("release.withheld", clause=FUNNEL, reason=Reason.AUDIENCE_EMPTY.value)
        return tear(
            [portion.marking for portion in draft.portions],
            holder=party,
            recipients=draft.recipients,
            expires_at=draft.expires_at,
            find_ground=lambda to: self._machine.funnel.find_ground(at, audience=tuple(sorted((party, to)))),
        )

    def find_plan(self, found: Tear) -> Digest:
        """Return the digest of who would get which portions, by which a preview is named."""
        rows = [(version.portions, version.recipients) for version in found.versions]
        return digest(self._machine.setup.suite, "draft-plan", encode(rows))

    def find_banner(self, draft: Draft, version: Version) -> Marking:
        """Return the banner of one item of a draft."""
        return self._items.find_markings([draft.portions[number - 1] for number in version.portions])[0]

    async def send(self, draft: Draft, *, at: Instant, plan: bytes = b"") -> tuple[tuple[Sent, ...], Tear]:
        """Give each recipient what it may have; return the items, and what was withheld from whom.

        With the `plan` of a preview, nothing is sent unless it would be the same: an agreement may have been suspended,
        or come into force, since somebody looked. What one item waits for, a second officer, stops no other of them.

        Raises:
            UsageError: as `tear`; `item.plan-changed`; `item.partly-given`; `release.withheld`, `release.needs-consent`
                where no recipient may have any of it; `approval.awaited` where every item waits.
        """
        found = self.tear(draft, at=at)
        if plan and plan != self.find_plan(found):
            raise UsageError("item.plan-changed")
        if not found.versions:
            self._refuse(draft, at)
        made = [(self._make(draft, version, at), version) for version in found.versions]
        if len(made) > 1:
            note = ItemsLinked(tuple(sorted(one.digest for one, _ in made)))
            await self._node.say((self._machine.party,), (note,))
        given: list[Made] = []
        waiting: dict[Digest, UsageError] = {}
        read = self._items.uploads.reader_of(draft.uploads)
        for one, version in made:
            try:
                await self._items.give(one, audience=self._find_audience(version), at=at, read=read)
            except ComityError as error:
                if isinstance(error, UsageError) and error.code == "approval.awaited":
                    waiting[one.digest] = error
                    continue
                if not (given or waiting):
                    raise
                raise UsageError("item.partly-given", given_count=len(given), because=error.code) from error
            given.append(one)
        self._items.uploads.drop_all(draft.uploads)
        if not given:
            raise next(iter(waiting.values()))
        awaits = {item: str(error.details["digest"]) for item, error in waiting.items()}
        return tuple(Sent(one.digest, version, awaits.get(one.digest, "")) for one, version in made), found

    def _make(self, draft: Draft, version: Version, at: Instant) -> Made:
        portions = [draft.portions[number - 1] for number in version.portions]
        return self._items.make(portions, at=at, expires_at=draft.expires_at)

    def _find_audience(self, version: Version) -> Audience:
        return tuple(sorted({*version.recipients, self._machine.party}))

    def _refuse(self, draft: Draft, at: Instant) -> None:
        """Raise why the first recipient gets nothing, as a giving to it alone would."""
        to: Sequence[Party] = sorted({*draft.recipients} - {self._machine.party})
        audience = tuple(sorted((self._machine.party, to[0])))
        refuse_unless_permitted(
            self._items.preview(draft.portions, audience=audience, at=at, expires_at=draft.expires_at)
        )
        raise AssertionError("a draft of which no portion may go is refused as a whole")
