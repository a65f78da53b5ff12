"""Whether what a party set for its exchange still fits the pact in force: the table of MISP, and the consumers (X55).

An import reads the table whole or not at all; this says of each row what is wrong with it, by code and line, before an
event is refused for it.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from comity.base.errors import UsageError
from comity.base.names import Party
from comity.exchange.consumer import Consumer, check_consumer
from comity.exchange.misp_table import TABLE_FILE, TABLE_SIZE_BYTES_MAX, Distribution, Group, MispTable, Organisation
from comity.exchange.register import REGISTER_FILE
from comity.pact.lines import KeyPath, index_lines
from comity.pact.model import Pact

__all__ = ["Fault", "check_register", "check_table"]

FAULT_COUNT_MAX: Final = 200
_KINDS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "organisation": Organisation, "group": Group, "distribution": Distribution,
}  # fmt: skip


class Fault(NamedTuple):
    """One thing that is wrong: in which file, on which line (0: no file of lines), which row, and why."""

    file: str
    line: int
    row: str
    code: str
    why: str


def check_table(raw: bytes, pact: Pact) -> list[Fault]:
    """Return what is wrong with a table of MISP, in its order, at most `FAULT_COUNT_MAX`."""
    if len(raw) > TABLE_SIZE_BYTES_MAX:
        return [Fault(TABLE_FILE, 1, "", "misp.table-malformed", "size")]
    try:
        text = raw.decode()
        lines = index_lines(text)
        if lines.too_deep_line is not None:
            return [Fault(TABLE_FILE, lines.too_deep_line, "", "misp.table-malformed", "depth")]
        tree = tomllib.loads(text)
    except ValueError as error:
        return [Fault(TABLE_FILE, 1, "", "misp.table-malformed", str(error)[:200])]
    found = [
        Fault(TABLE_FILE, lines.find_line(path), row, code, why) for path, row, code, why in _find_faults(tree, pact)
    ]
    return sorted(found, key=lambda fault: fault.line)[:FAULT_COUNT_MAX]


def check_register(consumers: Iterable[Consumer], *, pact: Pact, own: Party) -> list[Fault]:
    """Return which consumers the pact in force does not know any more as they were added: they may get less."""
    found = []
    for consumer in consumers:
        try:
            check_consumer(consumer, pact=pact, own=own)
        except UsageError as error:
            found.append(Fault(REGISTER_FILE, 0, consumer.name, "consumer.outdated", str(error.details["what"])))
    return found


def _find_faults(tree: dict[str, Any], pact: Pact) -> Iterator[tuple[KeyPath, str, str, str]]:
    for key in tree.keys() - _KINDS.keys():
        yield (key,), key[:40], "misp.table-malformed", "no such rows"
    rows: dict[str, list[tuple[KeyPath, Any]]] = {}
    for kind, type_ in _KINDS.items():
        held = tree.get(kind, [])
        if not isinstance(held, list):
            yield (kind,), kind, "misp.table-malformed", "no list of rows"
            continue
        for number, one in enumerate(held):
            path: KeyPath = (kind, number)
            try:
                rows.setdefault(kind, []).append((path, msgspec.convert(one, type_)))
            except msgspec.ValidationError as error:
                yield path, f"{kind} {number + 1}", "misp.table-malformed", str(error)[:200]
    yield from _find_row_faults(rows, pact)


def _find_row_faults(
    rows: Mapping[str, list[tuple[KeyPath, Any]]], pact: Pact
) -> Iterator[tuple[KeyPath, str, str, str]]:
    own_parties = {row.party for _, row in rows.get("organisation", ())}
    for kind, some in rows.items():
        seen: set[object] = set()
        for path, row in some:
            key = row.value if kind == "distribution" else row.uuid
            name = f"{kind} {key}"
            if key in seen:
                yield path, name, "misp.table-twice", str(key)
            seen.add(key)
            parties = {row.party} if kind == "organisation" else set(row.parties)
            for party in sorted(parties - set(pact.audience)):
                yield path, name, "misp.table-party", party
            if kind == "group":
                for party in sorted((parties & set(pact.audience)) - own_parties):
                    yield path, name, "misp.table-organisation", party


assert set(_KINDS) == {field.name for field in msgspec.structs.fields(MispTable)}
