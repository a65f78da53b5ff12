"""A text: the pen, the acts that count, the rounds (P13 to P16), written down from the clauses alone.

Rules
- The pen goes from hand to hand along one path, which each holder's own order fixes; no clock and no order between
  authors is asked.
- Acts are the holders' good statements, strung along that path. What does not fit is passed over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from comity.audit.digest import hash_labelled
from comity.audit.procedures.forms_text import (
    PenHandedOver,
    PenTakenOver,
    SilenceExtended,
    SilenceProposed,
    TextOpened,
    TextVersionProposed,
    TextWithdrawn,
)
from comity.audit.procedures.said import Said, own_order
from comity.base.encoding import encode
from comity.base.names import Party
from comity.crypto.suite import Suite

__all__ = ["Course", "Round", "digest_of_version", "follow_pen", "order_own"]


@dataclass(frozen=True, slots=True)
class Round:
    """One version put to the parties. `until_at` is its S-time, None without silence; `opener` is the opening act."""

    version: bytes
    until_at: int | None
    notice_ms: int
    proposal: Said
    opener: Said


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a text by its penholders. `holder` is None while the pen is on its way."""

    holder: Party | None
    rounds: tuple[Round, ...]
    is_withdrawn: bool


def digest_of_version(said: Said, suite: Suite) -> bytes:
    """Return the digest of a version (P15)."""
    entry = said.entry
    assert isinstance(entry, TextVersionProposed)
    return hash_labelled(suite, "text-version", encode((entry.text, entry.follows, entry.body)))


def order_own(statements: Sequence[Said]) -> dict[Party, list[Said]]:
    """Return each author's statements in his own order (P2)."""
    found: dict[Party, list[Said]] = {}
    for said in sorted(statements, key=own_order):
        found.setdefault(said.author, []).append(said)
    return found


def follow_pen(opener: Said, good: dict[Party, list[Said]], suite: Suite) -> Course:
    """Walk the pen's path over good statements, and string the acts that fit into rounds."""
    assert isinstance(opener.entry, TextOpened)
    acts, holder = _list_acts(opener, good)
    return Course(holder, tuple(_string(opener.entry, acts, suite)), _is_withdrawn(acts))


def _list_acts(opener: Said, good: dict[Party, list[Said]]) -> tuple[list[Said], Party | None]:
    """Return the holders' statements between getting the pen and handing it over (P13), and who holds it now."""
    acts: list[Said] = []
    reached: dict[Party, int] = {}
    holder = opener.author
    index = sum(own_order(said) <= own_order(opener) for said in good.get(holder, ()))
    while True:
        own = good.get(holder, [])
        while index < len(own) and not isinstance(own[index].entry, PenHandedOver):
            acts.append(own[index])
            index += 1
        reached[holder] = index
        if index == len(own):
            return acts, holder
        handed = own[index]
        assert isinstance(handed.entry, PenHandedOver)
        taker = handed.entry.to
        taken = _find_taking(good.get(taker, []), handed, reached.get(taker, 0))
        if taken is None:
            return acts, None
        holder, index = taker, taken + 1


def _find_taking(own: list[Said], handed: Said, start: int) -> int | None:
    """Return where the pen is taken over, after whatever its taker had done with it before: so the walk ends."""
    for index in range(start, len(own)):
        entry = own[index].entry
        if isinstance(entry, PenTakenOver) and entry.handed_over == handed.id:
            return index
    return None


def _string(opened: TextOpened, acts: list[Said], suite: Suite) -> Iterator[Round]:
    """Yield the rounds (P14, P16)."""
    current: Round | None = None
    for said in acts:
        entry = said.entry
        if isinstance(entry, TextVersionProposed):
            last = () if current is None else (current.version,)
            if not set(opened.languages) <= set(entry.body.languages) or entry.follows != last:
                continue
            if current is not None:
                yield current
            current = Round(digest_of_version(said, suite), None, 0, said, said)
        elif isinstance(entry, SilenceProposed):
            if current is not None and current.until_at is None and entry.version == current.version:
                current = Round(current.version, entry.until_at, entry.notice_ms, current.proposal, said)
        elif isinstance(entry, SilenceExtended):
            extends = current is not None and (entry.version, entry.from_at) == (current.version, current.until_at)
            if current is not None and extends:
                yield current
                current = Round(current.version, entry.until_at, entry.notice_ms, current.proposal, said)
    if current is not None:
        yield current


def _is_withdrawn(acts: list[Said]) -> bool:
    return any(isinstance(said.entry, TextWithdrawn) for said in acts)
