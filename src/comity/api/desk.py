"""The acts and views of one node's desk, as JSON values: what the HTTP API serves and the command line shows.

Everything that depends on time is judged at the moment of asking. Nothing is shown of what this party may not read,
because the node does not hold it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from comity.api.areas_at_risk import AreasAtRisk
from comity.api.arriving import show_arriving
from comity.api.deposits import DEPOSITS_FOLDER, Deposits
from comity.api.disclosing import count_disclosed
from comity.api.events.bulletin import Bulletin
from comity.api.form import format_statement, parse_form, parse_id, simplify
from comity.api.held_alerts import HeldAlerts
from comity.api.matrix_view import show_action, show_measure
from comity.api.officers_view import show_beyond_power, show_row
from comity.api.pact_view import find_policy, judge_duties, show_versions, show_waiting
from comity.api.shape import Stating
from comity.api.standing import find_unconfirmed
from comity.api.views.basic import Ids, OwnLevel
from comity.api.views.exchange import TakenBundle
from comity.api.views.floor import (
    Consultation,
    ConsultationJudged,
    Measures,
    TextCell,
    TextJudged,
    TextShown,
)
from comity.api.views.record import Row, Threat
from comity.api.views.standing import Status, StoreShown, UnconfirmedShown
from comity.api.waiting import count_waiting
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, Instant
from comity.base.names import Audience, Digest
from comity.crypto.suite import Suite
from comity.journal.bundle import BundleHead, read_bundle, write_bundle
from comity.node.items import Items
from comity.node.node import Node
from comity.node.versions import HeldVersion
from comity.procedure.adoption import TextState
from comity.procedure.consultation import ConsultationState, judge_consultation
from comity.procedure.duty import Duty
from comity.procedure.matrix import find_acts, find_frictions
from comity.procedure.measure import MeasureState
from comity.procedure.national import NationalState
from comity.procedure.reading import ItemRead
from comity.procedure.scope import Scope
from comity.procedure.text_view import judge_text
from comity.procedure.threat import ThreatState

if TYPE_CHECKING:
    from comity.node.feed.reporting import DraftKeeper

__all__ = ["Desk"]

ANNOUNCEMENT_GAP_MS: Final = HOUR_MS
"""Two announcements closer than this are shown as clashing; a view's own threshold, no rule of a pact."""


class Desk:
    """One node, seen by its own officers."""

    def __init__(
        self,
        node: Node,
        items: Items,
        *,
        pact_raw: bytes,
        suite: Suite,
        pacts: Mapping[Digest, bytes] | None = None,
        find_waiting: Callable[[], Sequence[HeldVersion]] = tuple,
        folder: Path | None = None,
    ) -> None:
        """Sit down at a node; `pacts` are the files of all versions of the pact, by digest.

        `find_waiting` returns those that were accepted since the node started: it takes them at its next start.
        `folder` is the realm's, of a node that has one; deposits lie in it.
        """
        self.folder = folder
        self.deposits = Deposits(node, None if folder is None else folder / DEPOSITS_FOLDER)
        self.find_waiting = find_waiting
        self.node = self._node = node
        self._machine = node.machine
        self.items = items
        self.alerts = HeldAlerts(node)
        self.areas = AreasAtRisk(node, items, self.alerts)
        self.bulletin = Bulletin(node)
        self.drafts: DraftKeeper | None = None
        """What the rules of the pact ask for, where the node runs a warning feed."""
        self.looks: list[Callable[[], Awaitable[None]]] = []
        """What pages go through at their first look, to be gone through before that (`api.first_look`)."""
        self._pact_raw = pact_raw
        self._suite = suite
        self._pacts = pacts or {node.machine.setup.pact_digest: pact_raw}

    def status(self) -> Status:
        """Who we are, how the links stand, what is stored, what is missing, what waits for a reader."""
        machine = self._machine
        return {
            "party": machine.party,
            "realm": machine.setup.pins.realm,
            "parties": list(machine.parties),
            "pact": machine.versions.current.digest.hex(),
            **show_versions(machine, self._now()),
            "versions_waiting": show_waiting(self.find_waiting()),
            **count_disclosed(machine),
            **show_beyond_power(machine),
            **count_waiting(machine, self._now()),
            "deposits_waiting": self.deposits.count_waiting(),
            **show_arriving(self._node),
            "accepted_by": sorted(machine.find_accepting()),
            "is_in_force": machine.is_in_force,
            "stopped_by": self._node.failure_code,
            "links": [
                {"party": party, "is_up": self._node.links_up.get(party, False),
                 "heard_at": self._node.heard_at.get(party, 0)}
                for party in machine.parties if party != machine.party
            ],
            "page_count": self._node.store.count_pages(),
            "store": self._store(),
            "unopened_count": machine.statements.unopened_count,
            "unopened": [{"author": author, "journal": journal.hex(), "epoch": epoch}
                         for author, journal, epoch in machine.statements.list_unopened_epochs()],
            "holes": [{"journal": hole.journal.hex(), "first": hole.first, "last": hole.last}
                      for hole in machine.refill.find_holes()],
            "unconfirmed": self._unconfirmed(),
            "closed": [{"feed": row.feed.value, "audience": list(row.audience), "why": row.why.value,
                        "waits_for": list(row.waits_for)} for row in machine.find_closed()],
            "alarms": [{"at": alarm.at, "code": alarm.code, "details": simplify(alarm.details)}
                       for alarm in self._node.alarms],
        }  # fmt: skip

    def _store(self) -> StoreShown:
        damaged_count, lost_count = self._node.store.count_damage()
        return {"is_full": self._node.is_full, "damaged_count": damaged_count, "lost_count": lost_count}

    def _unconfirmed(self) -> list[UnconfirmedShown]:
        """Own journals with statements that a reader has not signed for, and whether a path leads to that reader."""
        return [
            {"audience": list(row.audience), "feed": row.feed, "party": row.party, "page_count": row.page_count,
             "path": "waiting" if row.has_path else "no-path"}
            for row in find_unconfirmed(self._machine)
        ]  # fmt: skip

    def pact_text(self) -> str:
        """The bytes of the pact file, as text."""
        return self._pacts.get(self._machine.versions.current.digest, self._pact_raw).decode()

    def levels(self) -> list[OwnLevel]:
        """The levels of our own classification scheme, as the pact names them."""
        schemes = self._machine.pact.schemes
        return [simplify(level) for scheme in schemes if scheme.party == self._machine.party
                for level in scheme.levels]  # fmt: skip

    def row(self, entry: str) -> Row:
        """One row of the timeline, by the id of its statement."""
        stated = self._machine.record.find_statement(parse_id(entry))
        if stated is None or isinstance(stated.entry, ItemRead):
            raise UsageError("cli.no-such-object", beginning=entry[:16])
        shown: Row = simplify(show_row(self._machine, stated))
        return shown

    def get_object(self, id_: str, *kinds: str) -> Scope:
        """Return the object of one of these kinds with this id.

        Raises:
            UsageError: `api.malformed`, `cli.no-such-object`.
        """
        scope = self._machine.record.find_object(parse_id(id_), *kinds)
        if scope is None:
            raise UsageError("cli.no-such-object", beginning=id_[:16])
        return scope

    def threats(self) -> list[Threat]:
        """Every threat as its party reported it, with the text, the latest first."""
        states = [state for state in self._states("threat") if isinstance(state, ThreatState)]
        reports = [state.reported for state in states if state.reported is not None]
        reports.sort(key=lambda report: (-report.stated.written_at, report.stated.id))
        return [{**format_statement(report.stated), "is_withdrawn": report.withdrawn_by is not None}
                for report in reports]  # fmt: skip

    def consultations(self) -> list[Consultation]:
        """Every consultation with its state and how it stands now."""
        found: list[Consultation] = []
        for state in self._states("consultation"):
            assert isinstance(state, ConsultationState)
            links = self._machine.find_links(state.scope.audience)
            policy = find_policy(self._machine, state.scope)
            view = judge_consultation(state, policy, as_of=self._now(), links=links)
            judged: ConsultationJudged = simplify(view)
            called = format_statement(state.called.stated) if state.called else None
            found.append({"id": state.scope.ref.hex(), "audience": list(state.scope.audience), "called": called,
                          "acknowledge_roles": sorted(policy.acknowledge_roles), **judged,
                          "positions": simplify(state.positions), "awaited": simplify(state.awaited)})  # fmt: skip
        return found

    def texts(self) -> list[TextShown]:
        """Every text with its rounds and how it stands now."""
        found: list[TextShown] = []
        for state in self._states("text"):
            assert isinstance(state, TextState)
            view = judge_text(state, find_policy(self._machine, state.scope), as_of=self._now())
            judged: TextJudged = simplify(view)
            version = state.current.opening.proposed.entry if state.current else None
            cells: list[TextCell] = [
                {"party": cell.party, "outcome": simplify(cell.outcome), "received_at": cell.received_at,
                 "is_held": cell.held_by is not None}
                for cell in state.current.cells
            ] if state.current else []  # fmt: skip
            found.append({"id": state.scope.ref.hex(), "audience": list(state.scope.audience),
                          "on_the_table": simplify(version), **judged, "cells": cells})  # fmt: skip
        return found

    def measures(self) -> Measures:
        """Every measure, and the collisions among them and national actions."""
        measures = [state for state in self._states("measure") if isinstance(state, MeasureState)]
        actions = [state for state in self._states("national") if isinstance(state, NationalState)]
        frictions = find_frictions(find_acts(measures, actions), announcement_gap_ms=ANNOUNCEMENT_GAP_MS)
        return {
            "measures": [show_measure(state) for state in measures if state.offered is not None],
            "actions": [show_action(state) for state in actions if state.stated is not None],
            "frictions": [simplify(friction) for friction in frictions],
        }

    def judge_duties(self, *, is_running: bool = False) -> Iterable[Duty]:
        """Return every duty on the signed record, judged now; or those open or overdue alone."""
        return judge_duties(self._machine, self._now(), is_running=is_running)

    async def state(self, stating: Stating) -> Ids:
        """State entries; returns their ids once they are stored."""
        entries = tuple(parse_form(form) for form in stating.statements)
        ids = await self._node.say(self._audience(stating.to), entries, key=stating.key)
        return {"ids": [id_.hex() for id_ in ids]}

    def export(self) -> bytes:
        """The whole record of this party as a bundle; no keys are in it."""
        pins = self._machine.setup.pins
        head = BundleHead(1, pins.lineage, pins.realm, self._machine.party, self._now())
        return write_bundle(
            self._suite,
            head,
            pacts=sorted(self._pacts.values()),
            pages=self._node.store.read_all(),
        )

    async def take_bundle(self, raw: bytes) -> TakenBundle:
        """Take the pages of a bundle through the same door as any other; says how many there were and are new.

        Between pages the node does its other work: a month of record must not hold up a FLASH.
        """
        bundle = read_bundle(raw, self._suite)
        pins = self._machine.setup.pins
        if bundle.head.realm != pins.realm:
            raise UsageError("bundle.other-realm-here", realm=bundle.head.realm)
        if bundle.head.lineage != pins.lineage:
            raise UsageError("bundle.other-pact-here")
        before = self._node.store.count_pages()
        for page in bundle.pages:
            self._node.check_running()
            self._node.take_bytes(page)
            await asyncio.sleep(0)
        self._node.check_running()
        return {"page_count": len(bundle.pages), "new_count": self._node.store.count_pages() - before,
                "unknown_count": bundle.unknown_count}  # fmt: skip

    def _audience(self, to: tuple[str, ...]) -> Audience:
        return tuple(sorted({*to, self._machine.party}))

    def _states(self, kind: str) -> Iterable[Any]:
        record = self._machine.record
        return [record.get_state(scope) for scope in record.list_scopes(kind)]

    def _now(self) -> Instant:
        return self._node.now()
