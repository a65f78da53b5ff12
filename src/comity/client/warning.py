"""What the warning picture led to: drafts of reports, and public warnings of own areas."""

from collections.abc import Mapping

from comity.api.views.areas import AreaAtRiskShown
from comity.api.views.basic import Ids
from comity.api.views.drafts import AreaWarningShown, DraftShown
from comity.client.connection import Connection

__all__ = ["Warnings"]


class Warnings(Connection):
    """Drafts and public warnings."""

    def list_drafts(self, *, every: bool = False) -> list[DraftShown]:
        """Drafts of threat reports that wait for an officer; `every`: those that were dealt with, too."""
        return self.ask(list[DraftShown], "/v1/warning/drafts", all="true" if every else None)

    def send_draft(
        self, draft: str, *, to: tuple[str, ...] = (), words: Mapping[str, str] | None = None, key: str = ""
    ) -> list[str]:
        """Report what was drafted, in its own words or in these by language; return the ids of what says so."""
        asked = {"to": list(to), "words": words or {}}
        return self.do(Ids, f"/v1/warning/drafts/{draft}/send", asked, key=key)["ids"]

    def discard_draft(self, draft: str, reason: str, *, words: str = "", key: str = "") -> list[str]:
        """Report nothing of a draft, and say why."""
        return self.do(Ids, f"/v1/warning/drafts/{draft}/discard", {"reason": reason, "words": words}, key=key)["ids"]

    def list_areas_at_risk(self, *, at: int = 0) -> list[AreaAtRiskShown]:
        """Areas at risk of a tsunami by the telegrams that this party may have, now or as of an instant."""
        return self.ask(list[AreaAtRiskShown], "/v1/warning/areas", at=at or None)

    def list_area_warnings(self) -> list[AreaWarningShown]:
        """What people of own areas were told from which report, and what is proposed now."""
        return self.ask(list[AreaWarningShown], "/v1/warning/public")

    def issue_area_warnings(self, report: str, *, area: str = "", key: str = "") -> list[str]:
        """Issue what is proposed from a report, to all its areas or to one; return the ids of what says so."""
        return self.do(Ids, "/v1/warning/public", {"report": report, "area": area}, key=key)["ids"]

    def export_area_warning(self, message: str) -> bytes:
        """One issued public warning as CAP 1.2."""
        return self.get_bytes(f"/v1/warning/public/{message}")
