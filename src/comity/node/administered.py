"""What an administrator did at a node that is no statement: a line of its log, with who did it (docs/adr/0068).

Officers, systems that poll and call-outs are in no journal (docs/adr/0039). What was changed about them from a console
or over the API leaves a trace here, where no administrator of the console can take it out.
"""

from comity.base.names import Party
from comity.node.log import note
from comity.node.operator import name_operator
from comity.node.powers import ACTING

__all__ = ["note_administered"]


def note_administered(party: Party, act: str, about: str) -> None:
    """Log that the officer of this request did something; `about` is a pseudonym, or the name of a system."""
    note("administered", act=act, about=about, by=next(iter(ACTING.get()), "") or name_operator(party))
