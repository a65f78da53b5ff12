"""Weeks that pass: one party is away, and the others meet for a few minutes a day.

Its node is off all the while. The others are switched on each day, say a little and are switched off again, so that
days pass as fast as what is said in them; epoch keys are renewed on each. When the party comes back it has everything
to catch up with, and nobody has to help it.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from comity.base.instants import DAY_MS, MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Party
from comity.rehearsal import acts
from comity.rehearsal.chance import split
from comity.rehearsal.desk import Cue, Desk
from comity.rehearsal.phrase import Phrases
from comity.rehearsal.stage import Stage

__all__ = ["spend_days"]

MEETING_MS: Final = (2 * MINUTE_MS, 5 * MINUTE_MS)


def spend_days(stage: Stage, desks: Mapping[Party, Desk], *, seed: int, days: int) -> Iterator[None]:
    """Let so many days pass; all nodes are up again at the end."""
    chance = split(seed, "absence")
    away = chance.choice(stage.cast.parties)
    others = [party for party in stage.cast.parties if party != away]
    phrases = Phrases(stage.cast.pact, first=1_000_000)
    stage.log.count("parties-away")
    stage.log.note(stage.now, away, "away", days)
    for party in stage.cast.parties:
        stage.switch_off(party)
    for day in range(days):
        stage.agenda.run(Instant(stage.now + DAY_MS - chance.randint(0, 5 * MINUTE_MS)))
        for party in others:
            stage.switch_on(party)
        speaker, to = chance.choice(others), chance.choice((stage.cast.parties, tuple(sorted((away, others[0])))))
        if speaker in to:
            words = acts.report(phrases, "Nothing new.", to=to)
            desks[speaker].plan(Cue(f"day-{day}", speaker, stage.now + 20 * SECOND_MS, words))
        stage.agenda.run(Instant(stage.now + chance.randint(*MEETING_MS)))
        stage.log.count("days-met")
        for party in others:
            stage.switch_off(party)
        yield
    for party in stage.cast.parties:
        stage.switch_on(party)
