"""All parties of a pact on virtual time, with faults, checked from outside.

One seed, one run, replayable: real machines, invented people, links, disks and clocks that fail. May import `machine`
and `audit` and below; knows nothing of `node`. Read `rehearse` first (what can be asked), then `run` (the four phases),
`station` (one node), `checks` (what must hold), `canary` (how each checker is seen to fire).
"""

from comity.rehearsal.canary import CANARIES, get_canary
from comity.rehearsal.cast import read_profile
from comity.rehearsal.outcome import Outcome, find_absent, total
from comity.rehearsal.rehearse import play_case, rehearse, rehearse_many

__all__ = [
    "CANARIES",
    "Outcome",
    "find_absent",
    "get_canary",
    "play_case",
    "read_profile",
    "rehearse",
    "rehearse_many",
    "total",
]
