"""What drawn officers do about items: ask to pass them on, consent, grant, destroy, report a loss, answer an inquiry.

As in `habit`, of which this is the part for items: each reaction is drawn when a statement is seen, from a purpose of
its own, and carried out later by a cue.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from comity.base.instants import MINUTE_MS, SECOND_MS
from comity.base.names import Digest, Party
from comity.procedure.entry import Entry
from comity.procedure.inquiry import (
    AnswerReason,
    GivenInAnswer,
    InformationAnswered,
    InformationRequested,
    InquiryAnswer,
)
from comity.procedure.onward import RefusalGroundStated
from comity.procedure.recall import CopiesMade, Fate, RecallPassedOn
from comity.procedure.sharing import (
    GIVING,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    Giving,
    ItemGiven,
    ItemPassedOn,
    ItemShared,
    PassedOn,
    PassOnReported,
    PassOnRequested,
    RecallReason,
    RecallRequested,
    RefusalReason,
)
from comity.procedure.spillage import SpillageConcluded, SpillageKind, SpillageReported, SpillageResult, SpillageStep
from comity.procedure.stated import Stated
from comity.rehearsal import acts, item_acts, recall_acts
from comity.rehearsal.chance import spread
from comity.rehearsal.crew import sign
from comity.rehearsal.custody import find_objection, is_released, open_giving
from comity.rehearsal.desk import NOTHING, Act, Cue, Desk, Wish
from comity.rehearsal.parcel import Parcels
from comity.rehearsal.phrase import Phrases

__all__ = ["ItemHabits"]

WITHHELD: Final = ("release.withheld", "release.needs-consent")
CONSENT_MS: Final = 20 * MINUTE_MS
LOOK_COUNT: Final = 12
LET_OUT_COUNT: Final = 3
"""How often somebody asks whether there is a ground by now."""
LOOK_AGAIN_MS: Final = MINUTE_MS


@dataclass(slots=True)
class ItemHabits:
    """One party's officers, as far as they deal with items."""

    chance: random.Random
    phrases: Phrases
    parcels: Parcels

    def react(self, desk: Desk, stated: Stated) -> None:
        """Draw what this party does about a statement of items that it has just seen."""
        entry = stated.entry
        if isinstance(entry, GIVING) and stated.author == desk.party:
            self._regret(desk, stated)
        reaction = _REACTIONS.get(type(entry))
        if reaction is not None and stated.author != desk.party:
            reaction(self, desk, stated, entry)

    def _plan(self, desk: Desk, delay_ms: int, what: str, stated: Stated, act: Act) -> None:
        desk.plan(Cue(f"{what}/{stated.id.hex()[:16]}", desk.party, desk.stage.now + delay_ms, act))

    def _say(self, desk: Desk, delay_ms: int, what: str, stated: Stated, *entries: Entry) -> None:
        self._plan(desk, delay_ms, what, stated, lambda _: Wish(stated.audience, entries))

    def _soon(self, low_s: int = 5, high_s: int = 180) -> int:
        return spread(self.chance, low_s * SECOND_MS, high_s * SECOND_MS)

    def _regret(self, desk: Desk, stated: Stated) -> None:
        """As whoever gave an item of its own, ask for it back after a while."""
        if not isinstance(stated.entry, ItemShared | ItemGiven) or self.chance.random() > 0.4:
            return
        asked = recall_acts.ask_back(stated, self.chance.choice(list(RecallReason)))
        self._plan(desk, spread(self.chance, 2 * MINUTE_MS, 12 * MINUTE_MS), "ask-back", stated, asked)

    def receive(self, desk: Desk, stated: Stated, entry: Giving) -> None:
        """Open what was given, or keep it apart; want it passed on; notice that it was lost."""
        self._look_later(desk, stated, self._soon(2, 30), tries=LOOK_COUNT)
        self._want_passed_on(desk, stated, entry)
        originator = entry.markings[0].originator
        if originator != desk.party and self.chance.random() < 0.2:
            self._lose(desk, stated, entry, originator)

    def _look_later(self, desk: Desk, stated: Stated, delay_ms: int, *, tries: int) -> None:
        desk.stage.agenda.after(delay_ms, lambda: self._look(desk, stated, tries))

    def _look(self, desk: Desk, stated: Stated, tries: int) -> None:
        """Open what was given, once its blob is here; what should not have come is kept apart and told of."""
        station = desk.station
        is_here = station.is_up and station.machine.record.find_statement(stated.id) is not None
        is_judged, objection = find_objection(station, stated) if is_here else (False, None)
        if is_judged and objection is not None and not is_released(station, stated):
            desk.stage.log.count("givings-quarantined")
            self._keep_apart(desk, stated)
        elif is_here and open_giving(station, stated) is not None:
            desk.stage.log.count("items-opened")
        elif tries:
            self._look_later(desk, stated, LOOK_AGAIN_MS, tries=tries - 1)

    def _keep_apart(self, desk: Desk, stated: Stated) -> None:
        """Tell its giver; let it out on a ground, or destroy it, or leave it there."""
        self._plan(desk, self._soon(), "finding", stated, item_acts.report_finding(stated))
        for number in range(LET_OUT_COUNT):
            let_out = item_acts.release_from_quarantine(stated)
            self._plan(desk, (number + 1) * self._soon(60, 150), f"let-out-{number}", stated, let_out)
        self._look_later(desk, stated, 10 * MINUTE_MS, tries=0)
        if self.chance.random() < 0.5:
            self._plan(desk, self._soon(600, 900), "dispose", stated, _dispose(stated))

    def _want_passed_on(self, desk: Desk, stated: Stated, entry: Giving) -> None:
        """As a holder, ask the originator to let a third party have its item; now and then, do not ask."""
        others = [party for party in desk.everyone if party not in stated.audience]
        if not others or not isinstance(entry, ItemShared | ItemGiven) or self.chance.random() < 0.2:
            return
        recipient = self.chance.choice(others)
        if self.chance.random() < 0.15:
            hasty = acts.pass_on(self.parcels, Digest(entry.item), to=recipient, refusals=WITHHELD)
            self._plan(desk, self._soon(), "pass-on-unasked", stated, hasty)
        wanted_until_at = desk.now + 30 * MINUTE_MS if self.chance.random() < 0.7 else 0
        self._say(desk, self._soon(), "ask-to-pass-on", stated, PassOnRequested(entry.item, recipient, wanted_until_at))

    def _lose(self, desk: Desk, stated: Stated, entry: Giving, originator: Party) -> None:
        """Tell the originator that its item is lost or may be, and what came of looking into it."""
        to, kind = item_acts.pair_of(desk, originator), self.chance.choice(list(SpillageKind))
        result = self.chance.choice(list(SpillageResult))
        steps = tuple(sorted(self.chance.sample([step.value for step in SpillageStep], self.chance.randint(0, 2))))
        name = f"spillage/{stated.id.hex()[:16]}"

        def report(desk: Desk) -> Wish:
            by = sign(desk.machine, to, SpillageReported(entry.item, kind, desk.now, "-", ("-",)))
            return Wish(to, (SpillageReported(entry.item, kind, desk.now, *by),))

        def conclude(desk: Desk) -> Wish | None:
            if name not in desk.said:
                return None
            fields = (entry.item, desk.said[name][0], result, tuple(map(SpillageStep, steps)))
            return Wish(
                to, (SpillageConcluded(*fields, *sign(desk.machine, to, SpillageConcluded(*fields, "-", ("-",)))),)
            )

        at = self._soon(20, 240)
        self._plan(desk, at, "spillage", stated, report)
        if self.chance.random() < 0.7:
            self._plan(desk, at + self._soon(20, 240), "spillage-concluded", stated, conclude)

    def answer_request(self, desk: Desk, stated: Stated, entry: PassOnRequested) -> None:
        """As the originator, consent to a passing-on, perhaps to take that back; or refuse; or say nothing."""
        mood, delay_ms = self.chance.random(), self._soon(5, 240)
        if mood < 0.7:
            self._plan(desk, delay_ms, "consent", stated, self._consent(stated, entry))
            if self.chance.random() < 0.2:
                withdrawn = ConsentWithdrawn(entry.item, entry.recipient)
                self._say(desk, delay_ms + self._soon(5, 240), "withdraw-consent", stated, withdrawn)
        elif mood < 0.9:
            reason = self.chance.choice(list(RefusalReason))
            refused = ConsentRefused(entry.item, entry.recipient, reason)
            ground = RefusalGroundStated(entry.item, entry.recipient, "policy.release", reason)
            self._say(desk, delay_ms, "refuse-consent", stated, refused, ground)

    def _consent(self, stated: Stated, entry: PassOnRequested) -> Act:
        def act(desk: Desk) -> Wish:
            given = self.parcels.consent(
                desk, Digest(entry.item), holder=stated.author, recipient=entry.recipient, for_ms=CONSENT_MS
            )
            return Wish(stated.audience, (given,))

        return act

    def use_consent(self, desk: Desk, stated: Stated, entry: ConsentGiven) -> None:
        """As the holder, decide on it; pass the item on and tell its originator, if it is granted."""
        consent = desk.machine.funnel.check_consent(entry.consent)
        if consent is None or consent.holder != desk.party:
            return
        item, recipient, to = Digest(consent.item), consent.recipient, stated.audience
        if self.chance.random() < 0.2:
            declined = item_acts.decline_passing_on(item, recipient=recipient, to=to)
            self._plan(desk, 5 * SECOND_MS, "decline", stated, declined)
            return
        granted = item_acts.grant_passing_on(item, recipient=recipient, to=to)
        passed = acts.pass_on(self.parcels, item, to=recipient)
        told = acts.report_passing_on(
            f"pass-on/{stated.id.hex()[:16]}", item, originator=stated.audience, recipient=recipient
        )
        self._plan(desk, 5 * SECOND_MS, "grant", stated, granted)
        only_granted: Act = lambda desk: passed(desk) if item_acts.is_granted(desk, item, recipient) else None  # noqa: E731
        self._plan(desk, 15 * SECOND_MS, "pass-on", stated, only_granted)
        self._plan(desk, 20 * SECOND_MS, "report-pass-on", stated, told)

    def answer_recall(self, desk: Desk, stated: Stated, entry: RecallRequested | RecallPassedOn) -> None:
        """As a holder, ask on, destroy or keep, answer, and tell what others answered; or say nothing."""
        mood, delay_ms = self.chance.random(), self._soon(5, 120)
        for number, passed in enumerate(recall_acts.list_passed(desk, entry.item)):
            if self.chance.random() < 0.8:
                asked = recall_acts.pass_recall_on(stated, passed)
                self._plan(desk, 3 * SECOND_MS, f"ask-further-{number}", stated, asked)
        self._plan(desk, delay_ms + 4 * MINUTE_MS, "tell-answers", stated, recall_acts.tell_answers(stated))
        if mood < 0.15:
            return
        fate = Fate.DECLINED if mood < 0.3 else Fate.KEPT_UNDER_NATIONAL_LAW if mood < 0.45 else Fate.DESTROYED
        if fate is Fate.DESTROYED:
            self._destroy(desk, delay_ms, stated, entry.item)
        answered = recall_acts.answer(stated, fate, self.chance.choice(list(CopiesMade)))
        self._plan(desk, delay_ms + 3 * SECOND_MS, "answer-recall", stated, answered)

    def _destroy(self, desk: Desk, delay_ms: int, stated: Stated, item: bytes) -> None:
        audiences = {*recall_acts.list_audiences(desk, item), stated.audience}
        for number, audience in enumerate(sorted(audiences)):
            self._plan(desk, delay_ms, f"destroy-{number}", stated, recall_acts.destroy(item, audience))

    def hear_of_passing_on(self, desk: Desk, stated: Stated, entry: PassOnReported) -> None:
        """As the originator, ask the reported holder itself, once the item is asked back."""
        if self.chance.random() < 0.3:
            to = item_acts.pair_of(desk, entry.recipient)
            by_at = recall_acts.ANSWER_WITHIN_MS

            def ask(desk: Desk) -> Wish:
                return Wish(to, (RecallRequested(entry.item, RecallReason.SUPERSEDED, desk.now + by_at),))

            self._plan(desk, self._soon(30, 300), "ask-back-reported", stated, ask)

    def answer_inquiry(self, desk: Desk, stated: Stated, entry: InformationRequested) -> None:
        """Answer what was asked, to the asker alone; perhaps with an item."""
        mood, delay_ms, to = self.chance.random(), self._soon(10, 400), item_acts.pair_of(desk, stated.author)
        if mood < 0.2:
            return
        if mood < 0.5:
            marking = self.phrases.open_marking(desk.party, topic=entry.topic)
            name = f"item-in-answer/{stated.id.hex()[:16]}"
            given: Act = lambda desk: Wish(  # noqa: E731
                to, (self.parcels.share(desk, "What we know.", marking=marking, audience=to),)
            )
            self._plan(desk, delay_ms, "item-in-answer", stated, given)
            self._plan(desk, delay_ms + 3 * SECOND_MS, "given-in-answer", stated, _give_in_answer(stated, name, to))
        answer = (
            InquiryAnswer.GIVEN if mood < 0.5 else InquiryAnswer.NOTHING_HELD if mood < 0.8 else InquiryAnswer.DECLINED
        )
        answered = InformationAnswered(stated.id, answer, self.chance.choice(list(AnswerReason)))
        self._plan(desk, delay_ms + 6 * SECOND_MS, "answer-inquiry", stated, lambda _: Wish(to, (answered,)))


def _give_in_answer(request: Stated, name: str, to: tuple[Party, ...]) -> Act:
    def act(desk: Desk) -> Wish | None:
        found = desk.machine.record.find_statement(desk.said[name][0]) if name in desk.said else None
        if found is None or not isinstance(found.entry, Giving):
            return None
        return Wish(to, (GivenInAnswer(found.entry.item, request.id),))

    return act


def _dispose(stated: Stated) -> Act:
    """Destroy what is still in quarantine."""

    def act(desk: Desk) -> Wish | None:
        is_judged, objection = find_objection(desk.station, stated)
        assert isinstance(stated.entry, Giving)
        if objection is None:
            return NOTHING
        if not is_judged:
            return None
        return recall_acts.destroy(stated.entry.item, stated.audience)(desk)

    return act


_REACTIONS: Final[Mapping[type[Entry], Callable[[ItemHabits, Desk, Stated, Any], None]]] = {
    ItemShared: ItemHabits.receive,
    ItemGiven: ItemHabits.receive,
    PassedOn: ItemHabits.receive,
    ItemPassedOn: ItemHabits.receive,
    PassOnRequested: ItemHabits.answer_request,
    ConsentGiven: ItemHabits.use_consent,
    RecallRequested: ItemHabits.answer_recall,
    RecallPassedOn: ItemHabits.answer_recall,
    PassOnReported: ItemHabits.hear_of_passing_on,
    InformationRequested: ItemHabits.answer_inquiry,
}
