"""Checks that a promise about releases says something that can be true or false.

Read after `check_references` found nothing. Whether a promise is kept is proved elsewhere (`comity.procedure.proof`):
this room knows no funnel.
"""

from comity.pact.findings import Findings
from comity.pact.lines import KeyPath
from comity.pact.model import Pact
from comity.pact.release import find_level

__all__ = ["check_release_promises"]


def check_release_promises(pact: Pact, findings: Findings) -> None:
    """Note promises to oneself, levels of another's scheme, and clauses in `without` that are no agreements."""
    for index, promise in enumerate(pact.promises):
        at: KeyPath = ("promise", index)
        if promise.originator == promise.recipient:
            findings.add((*at, "recipient"), "pact.promise", why="originator and recipient are one party")
        if promise.above is not None:
            found = find_level(pact, promise.above)
            if found is None or found[0] != promise.originator:
                findings.add((*at, "above"), "pact.promise", why="the level is not of the originator's scheme")
        for number, id_ in enumerate(promise.without):
            if pact.find_agreement(id_) is None:
                findings.add((*at, "without", number), "pact.promise", why="it names what is no agreement")
