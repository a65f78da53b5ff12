"""What templates call besides the titles: who a party is, how a text is marked, what time it is at a party."""

from collections.abc import Callable, Mapping

from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.base.instants import Instant
from comity.base.names import Party
from comity.console.marks import format_mark
from comity.pact.zone import format_local
from comity.procedure.entry import Marking

__all__ = ["find_names"]


def find_names(desk: Desk, titles: Titles) -> Mapping[str, Callable[..., str]]:
    """Return the functions, by the name that templates know them by."""
    machine = desk.node.machine
    pact = machine.pact

    def name(party: Party) -> str:
        return titles.title_of("party", party)

    def mark(marking: Marking) -> str:
        """Return a marking as its originator writes it."""
        return format_mark(titles, marking)

    def local_of(party: Party, at: int) -> str:
        """Return an instant on a party's clock; empty for the own one, which stands there anyway."""
        signatory = pact.find_party(party)
        return "" if signatory is None or party == machine.party else format_local(signatory.zone, Instant(at))

    return {"mark": mark, "name": name, "local_of": local_of}
