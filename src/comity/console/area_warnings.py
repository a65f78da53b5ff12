"""Public warnings of own areas as pages show them: what is proposed, what is in force, what is over (W55 to W57, W82).

Everything is read at the moment of asking, by the functions that the API calls; nothing is kept and nothing is decided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.api.area_alerts import Proposed, propose_warnings, read_warned, show_blocks
from comity.api.desk import Desk
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.exchange.cap import Block
from comity.machine.machine import Machine
from comity.procedure.detected import Evidence
from comity.procedure.public_warning import PublicWarned, WarnedArea, WarningStep

__all__ = ["AreaWarning", "Issued", "Preview", "count_proposed", "find_area_warnings", "preview_warnings"]


@dataclass(frozen=True, slots=True)
class Issued:
    """One message that went out. `expires_at`: until when it holds unless another follows."""

    id: str
    step: WarningStep
    at: Instant
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class AreaWarning:
    """What the people of one own area were told from one report, and what is proposed now."""

    report: str
    area: str
    languages: tuple[str, ...]
    evidence: Evidence
    percent: int
    proposed: WarningStep | None
    messages: tuple[Issued, ...]
    is_in_force: bool

    @property
    def falls_at(self) -> int:
        """When the estimate puts it there; of what has no impact, when it was in its place."""
        return self.evidence.impact[0].at if self.evidence.impact else self.evidence.place.at

    @property
    def has_impact(self) -> bool:
        """Whether an impact is estimated."""
        return bool(self.evidence.impact)

    @property
    def last(self) -> Issued | None:
        """The last message."""
        return self.messages[-1] if self.messages else None


@dataclass(frozen=True, slots=True)
class Preview:
    """What one message would say. `before`: the messages that it refers to."""

    entry: PublicWarned
    blocks: tuple[Block, ...]
    before: tuple[Issued, ...]


def find_area_warnings(desk: Desk) -> list[AreaWarning]:
    """Return all of them: first what is proposed, then what is in force, then the rest, the latest first."""
    proposed: dict[tuple[bytes, str], Proposed] = {
        (row.report.stated.id, row.area.id): row for row in propose_warnings(desk)
    }
    warned, now = read_warned(desk), desk.node.now()
    keys = list(dict.fromkeys([*proposed, *warned]))
    rows = [_make(desk.node.machine, key, proposed.get(key), warned.get(key), now) for key in keys]
    return sorted(rows, key=lambda row: (row.proposed is None, not row.is_in_force, -_find_moment(row), row.area))


def count_proposed(rows: Iterable[AreaWarning]) -> Mapping[str, int]:
    """Return how many areas something is proposed for, by report."""
    found: dict[str, int] = {}
    for row in rows:
        if row.proposed is not None:
            found[row.report] = found.get(row.report, 0) + 1
    return found


def preview_warnings(desk: Desk, entries: Iterable[PublicWarned]) -> tuple[Preview, ...]:
    """Return what messages would say if they were issued now."""
    warned = read_warned(desk)
    return tuple(
        Preview(entry, tuple(show_blocks(desk, entry)), _list_issued(warned.get((entry.report, entry.area))))
        for entry in entries
    )


def _make(
    machine: Machine, key: tuple[bytes, str], row: Proposed | None, chain: WarnedArea | None, now: Instant
) -> AreaWarning:
    report, id_ = key
    area = machine.pact.find_warning_area(id_)
    evidence = row.report.evidence if row is not None else chain.last.evidence if chain is not None else None
    assert evidence is not None, "one of both is there"
    return AreaWarning(
        report=Digest(report).hex(),
        area=id_,
        languages=() if area is None else area.languages,
        evidence=evidence,
        percent=evidence.percent if row is None else row.percent,
        proposed=None if row is None else row.step,
        messages=_list_issued(chain),
        is_in_force=chain is not None and not chain.is_ended and now < chain.last.expires_at,
    )


def _list_issued(chain: WarnedArea | None) -> tuple[Issued, ...]:
    found = []
    for stated in () if chain is None else chain.messages:
        entry = stated.entry
        assert isinstance(entry, PublicWarned), "as folded"
        found.append(Issued(stated.id.hex(), entry.step, stated.written_at, Instant(entry.expires_at)))
    return tuple(found)


def _find_moment(row: AreaWarning) -> int:
    return row.evidence.at if row.last is None else max(row.last.at, row.evidence.at)
