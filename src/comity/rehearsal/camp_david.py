"""The written case: the launch of 17 December 2023, 23:24 UTC, under the Camp David pact, from report to conclusion.

Fact is the launch alone (Hwasong-18, 1,002 km, apogee 6,518 km; data of the James Martin Center for Nonproliferation
Studies) and that the advisers spoke on 18 December under the commitment. Every word that parties say here is invented
and bears "Played, not history".

The order: three reports, one call, acknowledgements by role, a FLASH message, an item that Japan gives the Republic of
Korea directly, one of the Republic of Korea's that reaches Japan through the hub with a detached consent and the hub's
grant, positions, a statement in three languages with one hold and one restart, measures with one collision found and
solved, the item by the hub asked back and destroyed by both who held it, conclusion.
"""

from collections.abc import Mapping
from typing import Final

from comity.base.instants import MINUTE_MS
from comity.base.names import Party
from comity.procedure.adoption import TextState
from comity.procedure.call import Acknowledged, ConsultationCalled, Outcome
from comity.procedure.hotline import MessageAcknowledged, MessageRead, MessageSent
from comity.procedure.position import Position, PositionExplained, PositionStated
from comity.procedure.scope import find_scope
from comity.procedure.text import (
    HoldLifted,
    SilenceHeld,
    TextAdoptionSeen,
    TextAgreed,
    TextAmendmentProposed,
    TextOpened,
    TextVersionProposed,
)
from comity.procedure.text import find_version_digest as digest_of
from comity.procedure.threat import ThreatKind
from comity.rehearsal import acts
from comity.rehearsal.camp_david_items import plan_items
from comity.rehearsal.camp_david_measures import LAUNCHED_AT, PARTIES, PlanAct, plan_measures
from comity.rehearsal.desk import Act, Cue, Desk, Wish, Words
from comity.rehearsal.parcel import Parcels
from comity.rehearsal.phrase import Phrases
from comity.rehearsal.stage import Stage
from comity.rehearsal.standin import StandInCeremony

__all__ = ["LAUNCHED_AT", "PARTIES", "SPAN_MS", "prepare"]

SPAN_MS: Final = 170 * MINUTE_MS
LAUNCH: Final = "Ballistic missile: Hwasong-18, 1,002 km, apogee 6,518 km."
WINDOW_MS: Final = 65 * MINUTE_MS
"""Each silence: the pact's hour, and five minutes for the text to reach everybody."""
BINDING: Final = ("national-security-adviser", "adviser-1")
"""Who may agree to a text in his party's name."""


def prepare(stage: Stage, seed: int, desks: Mapping[Party, Desk], _share: float = 1.0) -> None:
    """Plan everything that people do."""
    phrases = Phrases(stage.cast.pact)
    parcels = Parcels(StandInCeremony(f"camp-david/{seed}".encode()))

    def at(party: Party, minutes: float, name: str, act: Act) -> None:
        desks[party].plan(Cue(name, party, LAUNCHED_AT + int(minutes * MINUTE_MS), act))

    for party, minutes in (("JPN", 2), ("KOR", 2.5), ("USA", 4)):
        report = acts.report(phrases, LAUNCH, to=PARTIES, kind=ThreatKind.MISSILE_LAUNCH, at=LAUNCHED_AT)
        at(party, minutes, f"report-{party}", report)
    called = acts.call("C1", ThreatKind.MISSILE_LAUNCH, after_reports_by=PARTIES)
    at("KOR", 6, "call", called)
    at("USA", 8, "acknowledge", _acknowledge("watch-officer", "watch-3"))
    at("JPN", 9, "acknowledge", _acknowledge("duty-officer", "duty-1"))
    _plan_message(at, phrases)
    plan_items(at, parcels)
    at("KOR", 16, "convene", acts.convene)
    _plan_positions(at, phrases)
    _plan_text(at, phrases)
    plan_measures(at, phrases)
    for party, minutes in (("JPN", 130), ("KOR", 131), ("USA", 132)):
        at(party, minutes, "agree-late", _agree_if_open)
    for party, minutes in (("KOR", 155), ("USA", 156), ("JPN", 158)):
        at(party, minutes, "conclude", _conclude)


def _acknowledge(role: str, officer: str) -> Act:
    def act(desk: Desk) -> Wish | None:
        held = desk.first(ConsultationCalled)
        return None if held is None else Wish(held.audience, (Acknowledged(held.id, role, officer),))

    return act


def _plan_message(at: PlanAct, phrases: Phrases) -> None:
    """A FLASH message, read and acknowledged.

    Nobody reads it back: no clause of this pact lets a party repeat another's words to a third.
    """
    at("KOR", 7, "flash", acts.send_message(phrases, "hotline.nsc", "Second launch site active?", to=PARTIES))

    def read(desk: Desk) -> Wish | None:
        held = desk.first(MessageSent)
        return None if held is None else Wish(held.audience, (MessageRead(held.id, "watch-3"),))

    def acknowledge(desk: Desk) -> Wish | None:
        held = desk.first(MessageSent)
        if held is None:
            return None
        return Wish(held.audience, (MessageAcknowledged(held.id, "watch-officer", "watch-3"),))

    at("USA", 7.2, "read", read)
    at("USA", 7.5, "acknowledge-message", acknowledge)
    at("JPN", 8.0, "read", read)


def _plan_positions(at: PlanAct, phrases: Phrases) -> None:
    def take(position: Position) -> Act:
        def act(desk: Desk) -> Wish | None:
            held = desk.first(ConsultationCalled)
            return None if held is None else Wish(held.audience, (PositionStated(held.id, held.id, position, 0),))

        return act

    def explain(desk: Desk) -> Wish | None:
        held, own = desk.first(ConsultationCalled), desk.first(PositionStated, author=desk.party)
        if held is None or own is None:
            return None
        text = phrases.open_text(desk.party, "Our capital looks at the wording.", to=PARTIES)
        return Wish(PARTIES, (PositionExplained(held.id, own.id, text),))

    at("KOR", 22, "position", take(Position.SUPPORT))
    at("USA", 23, "position", take(Position.SUPPORT))
    at("JPN", 25, "position", take(Position.SUPPORT_WITH_RESERVE))
    at("JPN", 26, "reserve", explain)
    at("JPN", 70, "position-later", take(Position.SUPPORT))


def _plan_text(at: PlanAct, phrases: Phrases) -> None:
    """A joint statement: put, held by one party, put anew with its words in it, kept by all."""
    at("USA", 28, "text", acts.open_text(PARTIES))
    at("USA", 29, "text/v1", acts.put_version(phrases, "text", "We condemn the launch.", to=PARTIES))
    at("USA", 30, "text/v1/silence", acts.ask_silence("text", 1, to=PARTIES, window_ms=WINDOW_MS))

    def find_version(desk: Desk) -> TextVersionProposed | None:
        return next((entry for _, entry in desk.find(TextVersionProposed)), None)

    def hold(desk: Desk) -> Wish | None:
        held = find_version(desk)
        if held is None:
            return None
        return Wish(PARTIES, (SilenceHeld(held.text, digest_of(held), "duty-officer", "duty-1"),))

    def amend(desk: Desk) -> Wish | None:
        held = find_version(desk)
        if held is None:
            return None
        body = phrases.open_text(desk.party, "We condemn the launch and confer.", to=PARTIES, languages=acts.LANGUAGES)
        lifted = HoldLifted(held.text, digest_of(held), *BINDING)
        return Wish(PARTIES, (TextAmendmentProposed(held.text, digest_of(held), body), lifted))

    at("JPN", 38, "hold", hold)
    at("JPN", 46, "amend", amend)
    words = "We condemn the launch, and we confer."
    at("USA", 52, "text/v2", acts.put_version(phrases, "text", words, to=PARTIES, follows=1))
    at("USA", 53, "text/v2/silence", acts.ask_silence("text", 2, to=PARTIES, window_ms=WINDOW_MS))


def _agree_if_open(desk: Desk) -> Wish | None:
    """Where the node could not keep silence for its party (it was down, or came late), an officer agrees in person."""
    text = desk.first(TextOpened)
    if text is None:
        return None
    state = desk.machine.record.get_state(find_scope(text))
    assert isinstance(state, TextState)
    current = state.current
    if current is None or current.cell(desk.party).outcome is not None:
        return None
    return Wish(PARTIES, (TextAgreed(text.id, current.opening.version, *BINDING),))


def _conclude(desk: Desk) -> Words:
    """Conclude: with a matched response if the text was adopted, else with an exchange of views."""
    is_adopted = desk.first(TextAdoptionSeen) is not None
    return acts.conclude(Outcome.RESPONSE_MATCHED if is_adopted else Outcome.VIEWS_EXCHANGED)(desk)
