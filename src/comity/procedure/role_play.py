"""What role players say in an exercise, and the text of an inject as it is given to those whom it is for.

Rules (docs/spec/exercise.md, E33 to E36)
- A seat speaks by a signature under its own key, over realm, exercise, seat and addressees: the same words
  mean nothing in realm `real`, in another exercise, from another seat or to anybody else. No party's key plays a role.
- Whoever carries the words signs nothing but that he carries them. All of it is role-play, whatever it says.
- The text of an inject is stated once control's giving of it counts, to its readers alone. It is marked text: the
  release funnel is as strict in an exercise as in life.
"""

import enum
from collections.abc import Callable
from typing import Annotated, ClassVar, Final, NamedTuple

import msgspec

from comity.base.encoding import encode
from comity.base.names import Audience, Party, Realm
from comity.crypto.label import label
from comity.crypto.suite import ED25519_SIGNATURE_SIZE, Suite
from comity.procedure.entry import Entry, EntryId, InstantField, MarkedText
from comity.procedure.exercise import NumberField
from comity.procedure.fields import IdField, Parties, check_ascending, check_languages
from comity.procedure.play import ExerciseState
from comity.procedure.stated import Stated

__all__ = [
    "ENTRIES",
    "Heard",
    "InjectTold",
    "SeatSpoke",
    "SpeechVerdict",
    "ToldVerdict",
    "Verify",
    "judge_speech",
    "judge_told",
    "make_unsigned",
    "make_verify",
    "sign_speech",
    "speech_message",
]

SignatureField = Annotated[bytes, msgspec.Meta(min_length=ED25519_SIGNATURE_SIZE, max_length=ED25519_SIGNATURE_SIZE)]
MaybeNumber = Annotated[tuple[NumberField, ...], msgspec.Meta(max_length=1)]


class SeatSpoke(Entry, frozen=True):
    """Its author carries what a role-player's seat says to `to`, perhaps as the inject `number`."""

    binding: ClassVar[bool] = True
    exercise: EntryId
    seat: IdField
    to: Parties
    said_at: InstantField
    number: MaybeNumber
    body: MarkedText
    signature: SignatureField

    def __post_init__(self) -> None:
        check_ascending(self.to)
        check_languages(self.body)


class InjectTold(Entry, frozen=True):
    """Control gives its readers the text of an inject; `seat` is the cell of the list that it comes from."""

    binding: ClassVar[bool] = True
    exercise: EntryId
    number: NumberField
    seat: IdField
    body: MarkedText
    role: IdField
    officer: IdField

    def __post_init__(self) -> None:
        check_languages(self.body)


ENTRIES: tuple[type[Entry], ...] = (SeatSpoke, InjectTold)


class SpeechVerdict(enum.StrEnum):
    """Whether words are those of the seat (E34)."""

    AUTHENTIC = "authentic"
    NO_SEAT = "no-seat"
    """Nobody was given this seat in this exercise."""
    WITHDRAWN = "withdrawn"
    """The seat had been withdrawn, and who carried the words knew."""
    SIGNATURE = "signature"
    """No key of the seat signed this, for this realm, exercise and addressees."""
    OTHER_READERS = "other-readers"
    """It reached others than those whom the seat spoke to."""


class ToldVerdict(enum.StrEnum):
    """Whether a text is that of an inject that was given (E35)."""

    GIVEN = "given"
    NOT_CONTROL = "not-control"
    """Its author does not control the exercise, or acted in another role."""
    NOT_GIVEN = "not-given"
    """Nobody's giving of this inject that counts was known to its author."""


class Heard(NamedTuple):
    """By whom words were carried, and to whom, himself included."""

    carrier: Party
    audience: Audience


Verify = Callable[[bytes, SeatSpoke], bool]
"""Whether this public key signed these words, for the realm at hand."""
IsKnown = Callable[[Stated], bool]

_NO_SIGNATURE: Final = bytes(ED25519_SIGNATURE_SIZE)


def speech_message(spoke: SeatSpoke, *, realm: Realm) -> bytes:
    """Return the bytes that a seat signs: everything that it says, to whom, and where alone it holds."""
    said = (spoke.exercise, spoke.seat, spoke.to, spoke.said_at, spoke.number, spoke.body)
    return label("seat") + encode((realm, *said))


def sign_speech(suite: Suite, unsigned: SeatSpoke, *, secret: bytes, realm: Realm) -> SeatSpoke:
    """Return the same words under a seat's signature."""
    message = speech_message(unsigned, realm=realm)
    return msgspec.structs.replace(unsigned, signature=suite.sign(secret=secret, message=message))


def make_verify(suite: Suite, *, realm: Realm) -> Verify:
    """Return the check of a seat's signature for one realm."""

    def verify(key: bytes, spoke: SeatSpoke) -> bool:
        message = speech_message(spoke, realm=realm)
        return suite.verify(public=key, message=message, signature=spoke.signature)

    return verify


def judge_speech(
    spoke: SeatSpoke, heard: Heard, state: ExerciseState | None, verify: Verify, is_known: IsKnown
) -> SpeechVerdict:
    """Judge words of a seat by what control said of its seats; without a state the exercise is not here.

    `is_known` tells what their carrier had heard of, `verify` whether a key signed them.
    """
    held = [seat for seat in state.seats if seat.terms.seat == spoke.seat] if state is not None else []
    if not held:
        return SpeechVerdict.NO_SEAT
    signed = [seat for seat in held if verify(seat.terms.key, spoke)]
    if not signed:
        return SpeechVerdict.SIGNATURE
    if {*spoke.to, heard.carrier} != set(heard.audience):
        return SpeechVerdict.OTHER_READERS
    is_held = any(seat.withdrawn is None or not is_known(seat.withdrawn) for seat in signed)
    return SpeechVerdict.AUTHENTIC if is_held else SpeechVerdict.WITHDRAWN


def judge_told(told: InjectTold, author: Party, state: ExerciseState | None, is_known: IsKnown) -> ToldVerdict:
    """Judge the text of an inject by what control said of giving it."""
    proposal = None if state is None else state.proposal
    if state is None or proposal is None or author not in proposal.controllers or told.role != proposal.role:
        return ToldVerdict.NOT_CONTROL
    given = state.fired.get(told.number)
    return ToldVerdict.GIVEN if given is not None and is_known(given.stated) else ToldVerdict.NOT_GIVEN


def make_unsigned(
    exercise: bytes, seat: str, to: tuple[Party, ...], *, said_at: int, number: str, body: MarkedText
) -> SeatSpoke:
    """Return words of a seat as they stand before it signs them."""
    return SeatSpoke(exercise, seat, to, said_at, (number,) if number else (), body, _NO_SIGNATURE)
