"""The plays that can be rehearsed: what people do, over which time, under which pact.

`drawn` fits any pact and has faults; `camp-david` is the one written case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.errors import UsageError
from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Party
from comity.rehearsal import camp_david
from comity.rehearsal.cast import Cast, Policy, make_cast
from comity.rehearsal.chance import split
from comity.rehearsal.desk import Cue, Desk
from comity.rehearsal.drawn import draw_cues
from comity.rehearsal.floor_habit import FloorHabits
from comity.rehearsal.habit import Habits
from comity.rehearsal.item_habit import ItemHabits
from comity.rehearsal.parcel import Parcels
from comity.rehearsal.phrase import Phrases
from comity.rehearsal.siren import Siren
from comity.rehearsal.stage import Stage
from comity.rehearsal.standin import StandInCeremony
from comity.rehearsal.watchbill import Watchbill

__all__ = ["CAMP_DAVID", "DRAWN", "PLAYS", "Play", "get_play"]

DRAWN: Final = "drawn"
CAMP_DAVID: Final = "camp-david"

Prepare = Callable[[Stage, int, Mapping[Party, Desk], float], None]
SHARES: Final = (1.0, 1.0, 0.5, 0.34, 0.34)
"""Of its whole length, how much of a play that can be shortened a seed plays: many seeds are short."""


@dataclass(frozen=True, slots=True)
class Play:
    """`prepare` plans the people's cues. `span_ms` is from the beginning to the last word, where all is played."""

    name: str
    span_ms: int
    prepare: Prepare
    opens_at: Instant = camp_david.LAUNCHED_AT
    """Or later, as the pact needs (`cast.make_cast`). Half an hour before midnight, so that epoch keys are renewed."""
    policy: Policy = ()
    has_faults: bool = True
    has_lengths: bool = False
    """Whether each seed draws how much of it is played."""
    parties: tuple[Party, ...] = ()
    """The parties that the play is written for; none: any."""

    def draw_share(self, seed: int) -> float:
        """Draw how much of the play this seed plays."""
        return split(seed, "length").choice(SHARES) if self.has_lengths else 1.0

    def make_cast(self, profile: bytes) -> Cast:
        """Return the parties of a pact, drafted with the policy that the play needs.

        Raises:
            UsageError: `rehearsal.play-unfit`.
        """
        cast = make_cast(profile, self.policy, not_before_at=self.opens_at)
        if self.parties and cast.parties != self.parties:
            raise UsageError("rehearsal.play-unfit", play=self.name, parties=",".join(self.parties))
        return cast


def _prepare_drawn(stage: Stage, seed: int, desks: Mapping[Party, Desk], share: float) -> None:
    phrases = Phrases(stage.cast.pact)
    parcels = Parcels(StandInCeremony(f"parcels/{seed}".encode()))
    for party, desk in desks.items():
        items = ItemHabits(split(seed, "people-and-items", party), phrases, parcels)
        floor = FloorHabits(split(seed, "people-of-the-floor", party), phrases)
        desk.react = Habits(split(seed, "people", party), phrases, items, floor).react
        Siren(desk, split(seed, "siren", party)).watch()
        desk.watchbill = Watchbill(split(seed, "watchbill", party))

    def plan(cue: Cue) -> None:
        desks[cue.party].plan(cue)

    draw_cues(stage, seed, phrases=phrases, parcels=parcels, plan=plan, share=share)


PLAYS: Final[Mapping[str, Play]] = {
    DRAWN: Play(
        DRAWN,
        66 * MINUTE_MS,
        _prepare_drawn,
        # A silence of an hour would make most of a run nothing but waiting; the folds read the pact's own number.
        policy=(("policy.silence.kept_by_machine", True), ("policy.silence.window_ms_min", 6 * MINUTE_MS)),
        has_lengths=True,
    ),
    CAMP_DAVID: Play(CAMP_DAVID, camp_david.SPAN_MS, camp_david.prepare, parties=camp_david.PARTIES),
}


def get_play(name: str) -> Play:
    """Return a play by its name.

    Raises:
        UsageError: `rehearsal.play-unknown`.
    """
    if name not in PLAYS:
        raise UsageError("rehearsal.play-unknown", play=name[:40], known=",".join(PLAYS))
    return PLAYS[name]
