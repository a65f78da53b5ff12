"""What the obligations of an alliance are called: by what is done, and not by the words of the science."""

import enum
from typing import Final

from comity.pact.commitment import Obligation

__all__ = ["ALLY_TERMS"]

ALLY_TERMS: Final[tuple[tuple[enum.Enum, str], ...]] = (
    (Obligation.DEFENCE, "help one that is attacked"),
    (Obligation.OFFENCE, "help beyond defence"),
    (Obligation.NEUTRALITY, "stay out of each other's wars"),
    (Obligation.NON_AGGRESSION, "no force against each other"),
    (Obligation.CONSULTATION, "consult in a crisis"),
)
