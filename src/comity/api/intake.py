"""What other systems bring to one node, by whatever door: one log, one turn, one importer for API and console alike."""

from pathlib import Path

from comity.api.desk import Desk
from comity.api.importing import Importer
from comity.api.known import Known
from comity.api.taxii_adding import Receptions
from comity.exchange.imported import ImportLog

__all__ = ["Intake"]


class Intake:
    """Importer, deposits and what came in before, over one desk.

    One for all doors of a node: its turn keeps what comes twice at once from being given twice (X52).
    """

    def __init__(self, desk: Desk, *, log: ImportLog | None = None, misp_table: Path | None = None) -> None:
        """`log` is what came in as which item; without it that ends with the process."""
        self.misp_table = misp_table
        self.log = ImportLog() if log is None else log
        self.known = Known(desk.node, self.log)
        self.importer = Importer(desk, misp_table=misp_table, known=self.known)
        self.receptions = Receptions(desk, self.importer, desk.deposits)
