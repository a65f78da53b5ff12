"""The call-down card: what an officer needs on paper in the hour when Comity itself is down.

Rules
- It says what the pact says (parties, channels, roles, phrases) and what the party's own file says (`node.contacts`).
  Nothing is made up: where neither has a number, there is a line to write it on.
- Phrases have numbers, so that one can be read over any voice line and understood in every language. The numbers are
  those of this version of the pact, which therefore stands on each sheet.
- The newest pact in force is printed, and when; a card is as old as its paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import get_language
from comity.base.instants import Instant, format_dtg
from comity.base.names import Party
from comity.console.hotline_form_pages import blank
from comity.node.contacts import Contact, Contacts
from comity.pact.zone import format_local, local_offset_ms
from comity.procedure.fields import Precedence

__all__ = ["CardView", "find_card"]

_MINUTE_MS: Final = 60_000
BLANK_COUNT: Final = 2
"""Empty lines for a party of which the file has nothing."""


@dataclass(frozen=True, slots=True)
class PartyOnCard:
    """One party: its names, its clock, the ways to reach it."""

    party: Party
    name: str
    own_name: str
    own_language: str
    clock: str
    is_own: bool
    contacts: tuple[Contact, ...]
    blanks: range


@dataclass(frozen=True, slots=True)
class ChannelOnCard:
    """One channel: what carries it, whose it is, and its rules."""

    id: str
    title: str
    parties: tuple[Party, ...]
    media: tuple[str, ...]
    bodies: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhraseOnCard:
    """One standard phrase under its number, in the language of the sheet and in English."""

    number: int
    words: str
    english: str


@dataclass(frozen=True, slots=True)
class CardView:
    """One sheet, in the language of the request."""

    title: str
    version: int
    digest: str
    printed: str
    parties: Sequence[PartyOnCard]
    channels: Sequence[ChannelOnCard]
    phrases: Sequence[PhraseOnCard]
    roles: Sequence[str]
    precedences: Sequence[tuple[str, str]]
    challenge: str


def find_card(desk: Desk, titles: Titles, card: Contacts) -> CardView:
    """Return the sheet in the language that is spoken now."""
    machine, now, language = desk.node.machine, desk.node.now(), get_language()
    pact, version = machine.pact, machine.versions.current
    phrases = [blank(row) for row in pact.phrases]
    return CardView(
        title=pact.identity.title.in_language(language),
        version=version.number,
        digest=version.digest.hex()[:16],
        printed=format_dtg(now),
        parties=[_show_party(desk, card, row.id, now) for row in pact.parties],
        channels=[
            ChannelOnCard(
                id=line.id,
                title=line.title.in_language(language),
                parties=tuple(line.parties),
                media=tuple(map(say_term, line.media)),
                bodies=tuple(titles.title_of("body", body) for body in line.bodies),
                rules=tuple(rule.text for rule in line.rules if rule.text),
            )
            for line in pact.hotlines
            if machine.party in line.parties
        ],
        phrases=[
            PhraseOnCard(number, words.get(language, words["en"]), "" if language == "en" else words["en"])
            for number, words in enumerate(phrases, 1)
        ],
        roles=[titles.title_of("role", role) for role in pact.policy.acknowledge.roles],
        precedences=[_name_precedence(word) for word in Precedence],
        challenge=card.challenge.get(language, card.challenge.get("en", "")),
    )


def _name_precedence(word: Precedence) -> tuple[str, str]:
    """Return the word that is spoken, and what it is called here where that is another."""
    spoken, called = word.value.upper(), say_term(word)
    if called.upper() == spoken:
        return spoken, ""
    return ("", called) if spoken in called else (spoken, called)


def _show_party(desk: Desk, card: Contacts, party: Party, now: Instant) -> PartyOnCard:
    signatory = desk.node.machine.pact.find_party(party)
    assert signatory is not None, "a party of the pact is in it"
    minutes = local_offset_ms(signatory.zone, now) // _MINUTE_MS
    hours, left = divmod(abs(minutes), 60)
    letters, contacts = format_local(signatory.zone, now).rpartition(" ")[2], card.find_all(party)
    own = signatory.languages[0]
    return PartyOnCard(
        party=party,
        name=signatory.name.in_language(get_language()),
        own_name="" if own == get_language() else signatory.name.in_language(own),
        own_language=own,
        clock=f"{letters} = Z{'−' if minutes < 0 else '+'}{hours}" + (f":{left:02}" if left else ""),
        is_own=party == desk.node.machine.party,
        contacts=contacts,
        blanks=range(max(0, BLANK_COUNT - len(contacts))),
    )
