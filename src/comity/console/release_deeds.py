"""What is done about one item from its page: consented to, refused, granted, passed on, asked back, destroyed.

Each deed calls the function that the API calls (`OnwardRelease`, `Recalling`, `Destruction`, `Quarantine`). What it
will come to is read before: which clause, who is told. It is confirmed under a digest of exactly that.
"""

import enum
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final, TypeVar

from comity.api.deciders import find_deciders, find_destroyer
from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, Instant, format_dtg
from comity.base.names import Audience, Digest, Party
from comity.console.fields import Fields
from comity.console.once import Once
from comity.console.release_item import get_banner
from comity.console.signing import Deed
from comity.console.visit import Visit
from comity.machine.dissemination import find_copies_of
from comity.machine.funnel import refuse_unless_permitted
from comity.node.onward import OnwardRelease
from comity.node.recalling import Recalling
from comity.pact.offices import Act
from comity.procedure.recall import CopiesMade, Fate
from comity.procedure.sharing import RecallReason, RefusalReason
from comity.procedure.verdict import AudienceDecision, Decision

__all__ = ["Deeds", "read_hours", "read_word"]

E = TypeVar("E", bound=enum.Enum)
HOURS_MAX: Final = 24 * 366
Facts = tuple[tuple[str, str], ...]
Work = Callable[[], Awaitable[tuple[Digest, ...]]]


class Deeds:
    """The deeds of one node's desk. Each method is what a page proposes with: visit, fields, role."""

    def __init__(self, desk: Desk, titles: Titles, once: Once) -> None:
        self._desk = desk
        self._node = desk.node
        self._titles = titles
        self._once = once

    def consent(self, _visit: Visit, fields: Fields, _role: str) -> Deed:
        """Consent, as the originator, that a holder passes an item on."""
        item, holder, recipient = self._get_own(fields), fields.get("holder"), fields.get("recipient")
        until_at = self._find_end(fields, 24)
        facts = (*self._say_item(item), (say("holder"), holder), (say("for"), recipient),
                 (say("good until"), format_dtg(until_at)))  # fmt: skip
        return self._make(
            say("Consent that {holder} passes item {item} on to {recipient}", holder=holder, recipient=recipient,
                item=_short(item)),
            lambda: self._onward().consent(item, holder=holder, recipient=recipient, expires_at=until_at),
            ["consent", item, holder, recipient, until_at], facts, self._pair(holder), is_kept=True,
        )  # fmt: skip

    def refuse(self, _visit: Visit, fields: Fields, _role: str) -> Deed:
        """Refuse, as the originator, under the clause of the release decision or one that the officer names."""
        item, holder, recipient = self._get_own(fields), fields.get("holder"), fields.get("recipient")
        reason = read_word(RefusalReason, fields, "reason")
        clause = self._find_clause(fields, self._onward().decide_for(item, holder=holder, to=recipient))
        return self._make(
            say("Refuse that {holder} passes item {item} on to {recipient}", holder=holder, recipient=recipient,
                item=_short(item)),
            lambda: self._onward().refuse(item, holder=holder, recipient=recipient, clause=clause, reason=reason),
            ["refuse", item, holder, recipient, clause, reason.value],
            (*self._say_item(item), self._say_clause(clause), (say("reason"), say_term(reason))), self._pair(holder),
        )  # fmt: skip

    def grant(self, _visit: Visit, fields: Fields, role: str) -> Deed:
        """Decide, as the hub, that an item is passed on."""
        item, recipient = _get_item(fields), fields.get("recipient")
        decision = self._permit(item, recipient)
        by = find_deciders(self._node, role=role, officers=(), act=Act.CONSENT)
        return self._make(
            say("Decide, as the hub, that item {item} is passed on to {recipient}", recipient=recipient,
                item=_short(item)),
            lambda: self._onward().grant(item, recipient=recipient, by=by),
            ["grant", item, recipient, by.role, *by.officers],
            (*self._say_item(item), self._say_clause(decision.clause)), self._pair(self._get_originator(item)),
        )  # fmt: skip

    def decline(self, _visit: Visit, fields: Fields, role: str) -> Deed:
        """Decide, as the hub, that an item is not passed on."""
        item, recipient = _get_item(fields), fields.get("recipient")
        reason, me = read_word(RefusalReason, fields, "reason"), self._node.machine.party
        clause = self._find_clause(fields, self._onward().decide_for(item, holder=me, to=recipient))
        by = find_deciders(self._node, role=role, officers=(), act=Act.CONSENT)
        return self._make(
            say("Decide, as the hub, that item {item} is not passed on to {recipient}", recipient=recipient,
                item=_short(item)),
            lambda: self._onward().decline(item, recipient=recipient, clause=clause, reason=reason, by=by),
            ["decline", item, recipient, clause, reason.value, by.role, *by.officers],
            (*self._say_item(item), self._say_clause(clause), (say("reason"), say_term(reason))),
            self._pair(self._get_originator(item)),
        )  # fmt: skip

    def pass_on(self, _visit: Visit, fields: Fields, _role: str) -> Deed:
        """Pass another party's item on; its originator is told."""
        item, recipient = _get_item(fields), fields.get("recipient")
        decision = self._permit(item, recipient)
        if self._onward().needs_grant(item, to=recipient):
            raise UsageError("item.not-granted", to=recipient, clause=decision.clause)
        facts = (*self._say_item(item), (say("for"), recipient), self._say_clause(decision.clause))
        originator = self._get_originator(item)
        told = (say("told that it was passed on"), originator)
        deed = self._make(
            say("Pass item {item} on to {recipient}", recipient=recipient, item=_short(item)),
            lambda: self._onward().pass_on(item, to=recipient),
            ["pass-on", item, recipient, decision.clause], (*facts, told), self._pair(recipient, originator),
        )  # fmt: skip
        return replace(deed, is_pressing=True)

    def recall(self, _visit: Visit, fields: Fields, _role: str) -> Deed:
        """Ask an own item back from all to whom it was given, and from holders known by report who are named."""
        item, reason = self._get_own(fields, "recall.not-originator"), read_word(RecallReason, fields, "reason")
        by_at, also = self._find_end(fields, 72), tuple(sorted({*fields.list("also")}))
        self._check_parties(also)
        copies = find_copies_of(self._node.machine.statements, item, as_of=self._node.now())
        me = self._node.machine.party
        asked = sorted({copy.holder for copy in copies if copy.giver == me} - {me} | {*also})
        if not asked:
            raise UsageError("recall.no-holders")
        facts = (*self._say_item(item), (say("asked"), ", ".join(asked)), (say("reason"), say_term(reason)),
                 (say("answer by"), format_dtg(by_at)),
                 (say("besides"), say("consents given to pass it on end with it")))  # fmt: skip
        return self._make(
            say("Ask item {item} back", item=_short(item)),
            lambda: Recalling(self._node).ask(item, reason=reason, answer_by_at=by_at, to=also),
            ["recall", item, reason.value, by_at, *asked], facts, self._pair(*asked), is_kept=True,
        )  # fmt: skip

    def answer(self, _visit: Visit, fields: Fields, role: str) -> Deed:
        """Answer a recall; to answer *destroyed* destroys what is here, before it is said."""
        request = parse_id(fields.place["recall"])
        fate, copies = read_word(Fate, fields, "fate"), read_word(CopiesMade, fields, "copies")
        recall = Recalling(self._node).get_recall(request)
        by = find_destroyer(self._node, role=role, officers=())
        facts: Facts = (
            *self._say_item(Digest(recall.item)),
            (say("what becomes of the copy here"), say_term(fate)),
            (say("copies elsewhere"), say_term(copies)),
        )
        if fate is Fate.DESTROYED:
            facts = (*facts, (say("before it is said"), _say_erased()))
        deed = self._make(
            say("Answer {party}'s recall of item {item}: {fate}", party=recall.request.author,
                item=_short(Digest(recall.item)), fate=say_term(fate)),
            lambda: Recalling(self._node).answer(request, fate, copies=copies, by=by),
            ["answer", request, fate.value, copies.value, by.role, *by.officers], facts, recall.request.audience,
        )  # fmt: skip
        return replace(deed, is_pressing=fate is Fate.DESTROYED)

    def recall_further(self, _visit: Visit, fields: Fields, _role: str) -> Deed:
        """Pass a recall on to those to whom this party gave the item."""
        request = parse_id(fields.place["recall"])
        recall, by_at = Recalling(self._node).get_recall(request), self._find_end(fields, 48)
        copies = find_copies_of(self._node.machine.statements, recall.item, as_of=self._node.now())
        me = self._node.machine.party
        asked = sorted({row.holder for row in copies if row.giver == me} - {me})
        facts = (*self._say_item(Digest(recall.item)), (say("asked"), ", ".join(asked)),
                 (say("answer by"), format_dtg(by_at)))  # fmt: skip
        return self._make(
            say("Ask back what was given further of item {item}", item=_short(Digest(recall.item))),
            lambda: Recalling(self._node).pass_on(request, answer_by_at=by_at),
            ["recall-further", request, by_at, *asked], facts, self._pair(*asked), is_kept=True,
        )  # fmt: skip

    def report(self, _visit: Visit, fields: Fields, _role: str) -> Deed:
        """Tell who recalled an item what those answered to whom this party gave it."""
        request = parse_id(fields.place["recall"])
        recall = Recalling(self._node).get_recall(request)
        return self._make(
            say("Tell {party} what came of item {item} further on", party=recall.request.author,
                item=_short(Digest(recall.item))),
            lambda: Recalling(self._node).report(request),
            ["report", request], self._say_item(Digest(recall.item)), recall.request.audience,
        )  # fmt: skip

    def destroy(self, _visit: Visit, fields: Fields, role: str) -> Deed:
        """Destroy every copy of an item that is here, and certify it to each audience that was given it."""
        item = _get_item(fields)
        by = find_destroyer(self._node, role=role, officers=())
        rows = [row for row in self._node.shelf.find_givings() if getattr(row.entry, "item", b"") == item]
        told = tuple(sorted({party for row in rows for party in row.audience}))

        async def work() -> tuple[Digest, ...]:
            return tuple((await self._node.custody.destruction.destroy(item, by=by)).values())

        facts = (*self._say_item(item), (say("for good"), _say_erased()))
        deed = self._make(
            say("Destroy the copy of item {item} that is here", item=_short(item)),
            work, ["destroy", item, by.role, *by.officers], facts, told,
        )  # fmt: skip
        return replace(deed, is_pressing=True)

    def let_out(self, _visit: Visit, fields: Fields, role: str) -> Deed:
        """Let one giving out of quarantine, on a ground that has come."""
        giving = parse_id(fields.place["giving"])
        held = self._node.custody.quarantine
        row = next((row for row in held.list() if row.giving.id == giving and row.released_by is None), None)
        if row is None:
            raise UsageError("quarantine.none")
        by = find_deciders(self._node, role=role, officers=(), act=Act.RELEASE)
        facts = (*self._say_item(row.item), (say("kept apart because"), say_term(row.reason)),
                 self._say_clause(row.decision.clause))  # fmt: skip
        deed = self._make(
            say("Let item {item} of {party} out of quarantine", item=_short(row.item), party=row.giving.author),
            lambda: held.release(giving, by=by), ["let-out", giving, by.role, *by.officers], facts,
            self._pair(row.giving.author),
        )  # fmt: skip
        return replace(deed, is_pressing=True)

    def _make(
        self, says: str, work: Work, basis: list[Any], facts: Facts, audience: Audience, *, is_kept: bool = False
    ) -> Deed:
        return Deed(
            says=says,
            do=lambda key: self._once.do(key, work),
            facts=facts,
            basis=encode(basis),
            audience=audience,
            is_kept=is_kept,
        )

    def _say_item(self, item: Digest) -> Facts:
        mark, title_of = get_banner(self._node, item), self._titles.title_of
        topics = [title_of("topic", topic) for topic in mark.topics]
        parts = [mark.originator, title_of("level", mark.level), *topics, *mark.caveats]
        return ((say("item"), item.hex()), (say("marked"), " · ".join(parts)))

    def _say_clause(self, clause: str) -> tuple[str, str]:
        return say("clause"), self._titles.cite("agreement", clause)

    def _get_own(self, fields: Fields, code: str = "item.not-originator") -> Digest:
        """Return the item that a path names, which must be of this party's making."""
        item = _get_item(fields)
        if self._get_originator(item) != self._node.machine.party:
            raise UsageError(code)
        return item

    def _permit(self, item: Digest, recipient: Party) -> Decision:
        """Return the funnel's permit; what it refuses is refused before anything is confirmed."""
        decision = self._onward().decide_for(item, holder=self._node.machine.party, to=recipient)
        refuse_unless_permitted(AudienceDecision(((recipient, decision),)))
        return decision

    def _find_clause(self, fields: Fields, decision: Decision) -> str:
        clause = fields.find("clause")
        if clause and self._node.machine.pact.find_clause(clause) is None:
            raise UsageError("release.no-such-clause", clause=clause[:200])
        return clause or decision.clause

    def _find_end(self, fields: Fields, default: int) -> Instant:
        return Instant(self._node.now() + read_hours(fields, default) * HOUR_MS)

    def _get_originator(self, item: Digest) -> Party:
        return get_banner(self._node, item).originator

    def _pair(self, *others: Party) -> Audience:
        self._check_parties(others)
        return tuple(sorted({self._node.machine.party, *others}))

    def _check_parties(self, parties: tuple[Party, ...]) -> None:
        for party in parties:
            if party not in self._node.machine.parties:
                raise UsageError("release.no-party", party=party[:40], parties=", ".join(self._node.machine.parties))

    def _onward(self) -> OnwardRelease:
        return OnwardRelease(self._node, self._desk.items)


def read_hours(fields: Fields, default: int) -> int:
    """Return a number of hours, one at least.

    Raises:
        UsageError: `console.field-malformed`.
    """
    hours = fields.find_number("hours", default)
    if not 1 <= hours <= HOURS_MAX:
        raise UsageError("console.field-malformed", field="hours")
    return hours


def read_word(words: type[E], fields: Fields, name: str) -> E:
    """Return one of an enum's words.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`.
    """
    try:
        return words(fields.get(name))
    except ValueError as error:
        raise UsageError("console.field-malformed", field=name) from error


def _get_item(fields: Fields) -> Digest:
    return parse_id(fields.place["item"])


def _short(item: Digest) -> str:
    return item.hex()[:12]


def _say_erased() -> str:
    return say("text and key are erased here, for good; a certificate is signed")
