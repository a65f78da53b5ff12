"""Other systems: warnings, indicators, calendars, consumers, what they put in, and files of other formats."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from comity.api.views.exchange import (
    AddedConsumer,
    AlertShown,
    AlertTaken,
    CameInShown,
    ConsumerShown,
    DepositTaken,
    FaultShown,
    History,
    ImportShown,
    IndicatorRow,
    Named,
    ThreatDraft,
    ValuesReported,
)
from comity.client.connection import Connection

__all__ = ["Exchange"]

View = dict[str, Any]


class Exchange(Connection):
    """What goes to other systems and comes from them."""

    def list_imports(self) -> list[CameInShown]:
        """What came in from other systems: as which items, marked how and by whom."""
        return self.ask(list[CameInShown], "/v1/imports")

    def list_alerts(self, *, reader: str = "", before: int = 0) -> list[AlertShown]:
        """Public warnings that a party may have, this one if none is named."""
        return self.ask(list[AlertShown], "/v1/alerts", before=before, **{"for": reader})

    def read_alert(self, alert: str, *, reader: str = "") -> bytes:
        """One public warning as CAP, or as it came."""
        return self.get_bytes(f"/v1/alerts/{alert}", **{"for": reader})

    def read_acknowledgement(self, alert: str) -> bytes:
        """The CAP message that acknowledges a warning."""
        return self.get_bytes(f"/v1/alerts/{alert}/acknowledgement")

    def take_alert(
        self,
        raw: bytes,
        *,
        to: Iterable[str] = (),
        level: str = "",
        topics: Iterable[str] = (),
        caveats: Iterable[str] = (),
        preview: bool = False,
        key: str = "",
    ) -> AlertTaken:
        """Take a CAP alert in, marked, or preview who would get it."""
        body = {"alert": base64.b64encode(raw).decode(), "to": list(to), "level": level, "topics": list(topics),
                "caveats": list(caveats), "preview": preview}  # fmt: skip
        return self.do(AlertTaken, "/v1/alerts", body, key=key)

    def list_indicators(self) -> list[IndicatorRow]:
        """What is watched, the last values, and who owes a report."""
        return self.ask(list[IndicatorRow], "/v1/indicators")

    def show_indicator(self, indicator: str) -> History:
        """One indicator with every value that stands here."""
        return self.ask(History, f"/v1/indicators/{indicator}")

    def draft_threat(self, indicator: str) -> ThreatDraft:
        """A threat report drafted from own values that crossed."""
        return self.ask(ThreatDraft, f"/v1/indicators/{indicator}/draft")

    def report_values(
        self,
        to: Iterable[str],
        table: str,
        *,
        level: str = "",
        caveats: Iterable[str] = (),
        preview: bool = False,
        key: str = "",
    ) -> ValuesReported:
        """Report values of a table, or preview them."""
        body = {"to": list(to), "table": table, "level": level, "caveats": list(caveats), "preview": preview}
        return self.do(ValuesReported, "/v1/indicators", body, key=key)

    def read_calendar(self, *, reader: str = "", language: str = "") -> bytes:
        """The calendar of duties and meetings, as iCalendar."""
        return self.get_bytes("/v1/calendar", lang=language, **{"for": reader})

    def read_areas(self, *, reader: str = "") -> bytes:
        """The areas of measures and actions, as GeoJSON."""
        return self.get_bytes("/v1/areas", **{"for": reader})

    def list_consumers(self) -> list[ConsumerShown]:
        """The systems that may poll this node."""
        return self.ask(list[ConsumerShown], "/v1/consumers")

    def add_consumer(
        self,
        name: str,
        *,
        party: str,
        formats: Iterable[str],
        level: str = "",
        topics: Iterable[str] = (),
        adding: Mapping[str, object] | None = None,
        key: str = "",
    ) -> AddedConsumer:
        """Let a system poll this node; the answer has its token, which is shown this once."""
        body = {"name": name, "party": party, "formats": list(formats), "level": level, "topics": list(topics),
                "adding": adding}  # fmt: skip
        return self.do(AddedConsumer, "/v1/consumers", body, key=key)

    def remove_consumer(self, name: str) -> Named:
        """Let a system poll this node no more."""
        found: Named = self.delete(f"/v1/consumers/{name}")
        return found

    def list_deposits(self) -> list[View]:
        """What systems put in: what waits for an officer, and what became of the rest."""
        return self.ask(list[View], "/v1/deposits")

    def read_deposit(self, deposit: str) -> bytes:
        """What waits, as it came."""
        return self.get_bytes(f"/v1/deposits/{deposit}")

    def take_deposit(self, deposit: str, *, preview: bool = False, key: str = "") -> DepositTaken:
        """Import what waits, or preview it."""
        asked = "?preview=true" if preview else ""
        return self.do(DepositTaken, f"/v1/deposits/{deposit}/take{asked}", key=key)

    def refuse_deposit(self, deposit: str, *, key: str = "") -> View:
        """Refuse what waits: nothing of it is kept."""
        return self.do(View, f"/v1/deposits/{deposit}/refuse", key=key)

    def import_file(
        self,
        format_: str,
        raw: bytes,
        *,
        to: Iterable[str] = (),
        topics: Iterable[str] = (),
        level: str = "",
        caveats: Iterable[str] = (),
        preview: bool = False,
        key: str = "",
    ) -> ImportShown:
        """Import a file of another format, or preview what would become of it."""
        found: ImportShown = self.post_bytes(
            f"/v1/import/{format_}", raw, key=key, to=tuple(to), topic=tuple(topics), level=level,
            caveat=tuple(caveats), preview="true" if preview else "",
        )  # fmt: skip
        return found

    def export_stix(self, consumer: str) -> bytes:
        """What a consumer may have now, as a bundle of STIX 2.1."""
        return self.get_bytes(f"/v1/export/stix/{consumer}")

    def check_exchange(self) -> list[FaultShown]:
        """What of the consumers and of the node's table for MISP does not fit the pact in force."""
        return self.ask(list[FaultShown], "/v1/exchange/check")

    def check_table(self, table: bytes) -> list[FaultShown]:
        """What of a table for MISP would not fit, before it is put in its place."""
        found: list[FaultShown] = self.post_bytes("/v1/exchange/check", table)
        return found
