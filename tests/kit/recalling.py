"""Three parties give, report, recall, destroy and answer: rightly, of another item, to another audience, too late."""

import random

from comity.base.instants import HOUR_MS, MINUTE_MS, Instant
from comity.base.names import Audience, Digest, Party
from comity.procedure.entry import Entry
from comity.procedure.recall import (
    CopiesMade,
    Fate,
    FateReported,
    FateRow,
    ItemDestroyed,
    Onward,
    RecallPassedOn,
    RecallReplied,
    RecallReported,
)
from comity.procedure.sharing import (
    Basis,
    ItemGiven,
    ItemPassedOn,
    ItemShared,
    PassedOn,
    PassOnReported,
    RecallAnswered,
    RecallOutcome,
    RecallReason,
    RecallRequested,
)
from comity.procedure.stated import Standing, Stated
from kit.releasing import ALL, JPN_KOR, JPN_USA, KOR_USA, NOW, marking, stated

__all__ = ["ITEMS", "Recalling"]

ITEMS = (Digest(b"\x70" * 32), Digest(b"\x71" * 32))
_AUDIENCES: tuple[Audience, ...] = (ALL, JPN_KOR, JPN_USA, JPN_USA, KOR_USA, KOR_USA)
_REASON = RecallReason.COMPROMISED


class Recalling:
    """Plays one seed. Most words are about Japan's item, which the United States passes on; few are about the other."""

    def __init__(self, seed: int) -> None:
        self._draw = draw = random.Random(seed)
        self.said: list[Stated] = []
        pages: dict[tuple[Party, Audience], int] = {}
        at = NOW - 6 * HOUR_MS
        for _ in range(draw.randint(8, 40)):
            at += draw.choice((0, MINUTE_MS, HOUR_MS, -MINUTE_MS))
            audience = draw.choice(_AUDIENCES)
            author = draw.choice(audience)
            pages[author, audience] = page = pages.get((author, audience), 0) + 1
            standing = draw.choice([Standing.GOOD] * 9 + [Standing.DISPUTED])
            entry = self._make(author, audience, at)
            self.said.append(stated(entry, author=author, audience=audience, page=page, at=at, standing=standing))
        self.ends_at = at

    def pick_instant(self) -> Instant:
        """An instant to look at: before deadlines, or long after."""
        return Instant(self.ends_at + self._draw.choice((-2 * HOUR_MS, 0, 100 * HOUR_MS)))

    def _pick(self, audience: Audience, *types: type[Entry]) -> bytes:
        """An entry of these types said to this audience mostly; now and then any other, or none."""
        draw = self._draw
        fitting = [row.id for row in self.said if isinstance(row.entry, types) and row.audience == audience]
        if RecallRequested in types:
            fitting = fitting[-2:]
        anything = [row.id for row in self.said]
        chosen = fitting if fitting and draw.random() < 0.93 else anything
        return draw.choice(chosen) if chosen and draw.random() < 0.98 else b"\x09" * 32

    def _make(self, author: Party, audience: Audience, at: int) -> Entry:
        draw = self._draw
        item = ITEMS[draw.random() < 0.12]
        number = draw.randint(0, 3)
        others = [party for party in audience if party != author]
        bases = tuple(Basis(party, "tisa-2014", "KOR-II") for party in others)
        marks = (marking(author if draw.random() < 0.4 else "JPN"),)
        kind = draw.random()
        if kind < 0.18:
            given = (item, marks, _blob(number), 9, bytes(32), bases)
            return ItemShared(*given) if draw.random() < 0.5 else ItemGiven(*given, (), 0)
        if kind < 0.26:
            given = (item, marks, _blob(number), 9, bytes(32), bases)
            return PassedOn(*given, ()) if draw.random() < 0.5 else ItemPassedOn(*given, (Instant(at),), 0, ())
        if kind < 0.33:
            return PassOnReported(item, draw.choice(ALL), at)
        if kind < 0.45:
            return RecallRequested(item, _REASON, Instant(at + draw.choice((0, HOUR_MS, 9 * HOUR_MS))))
        if kind < 0.52:
            return RecallPassedOn(item, _REASON, Instant(at + HOUR_MS))
        if kind < 0.64:
            blobs = {_blob(number), _blob(draw.randint(0, 3))} if draw.random() < 0.7 else set()
            return ItemDestroyed(item, tuple(sorted(blobs)), at, "erased", "watch-officer", ("o1",))
        request = self._pick(audience, RecallRequested, RecallPassedOn)
        asked = next((row.entry for row in self.said if row.id == request), None)
        if isinstance(asked, RecallRequested | RecallPassedOn) and draw.random() < 0.9:
            item = Digest(asked.item)
        if kind < 0.7:
            return RecallAnswered(item, request, draw.choice(list(RecallOutcome)))
        if kind < 0.78:
            parties = sorted(draw.sample(ALL, draw.randint(1, 2)))
            rows = tuple(FateRow(party, draw.choice(list(FateReported))) for party in parties)
            return RecallReported(item, request, rows)
        fate = draw.choice((Fate.DESTROYED, Fate.DESTROYED, Fate.KEPT_UNDER_NATIONAL_LAW, Fate.DECLINED))
        certificate = (self._pick(audience, ItemDestroyed),) if fate is Fate.DESTROYED else ()
        return RecallReplied(item, request, fate, CopiesMade.NONE, Onward.NONE, certificate)


def _blob(number: int) -> bytes:
    return bytes([number]) * 32
