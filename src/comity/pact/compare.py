"""What one version of a pact changes in another, part by part: clauses by their ids, parties, topics and levels.

Comments and the order of the file are no changes; the number, the digests and the day of adoption are the version's
own. Values are those of the file, so that both sides can be found there.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from comity.pact.model import Pact, walk_rules
from comity.pact.terms import Rule

__all__ = ["Change", "compare_pacts"]


class Change(NamedTuple):
    """One value that differs. A part that is only in one of the two has no field, and None on the other side."""

    part: str
    """A clause id, or `party X`, `root X`, `topic X`, `level X`, `body X`, `role X`, `source X`."""
    field: str
    before: Any
    after: Any


def compare_pacts(before: Pact, after: Pact) -> tuple[Change, ...]:
    """Return every change, in the order of the later file; what it leaves out stands last."""
    old, new = dict(_list_parts(before)), dict(_list_parts(after))
    changes: list[Change] = []
    for part, fields in new.items():
        if part not in old:
            changes.append(Change(part, "", None, fields))
            continue
        changes += [
            Change(part, field, old[part].get(field), fields.get(field))
            for field in dict.fromkeys((*fields, *old[part]))
            if old[part].get(field) != fields.get(field)
        ]
    changes += [Change(part, "", fields, None) for part, fields in old.items() if part not in new]
    return tuple(changes)


def _list_parts(pact: Pact) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "pact", msgspec.to_builtins(pact.identity.title)
    for party in pact.parties:
        yield f"party {party.id}", msgspec.to_builtins(party)
    for name, root in sorted(pact.roots.items()):
        yield f"root {name}", msgspec.to_builtins(root)
    roles = () if pact.offices is None else pact.offices.roles
    for kind, rows in (("topic", pact.topics), ("body", pact.bodies), ("role", roles), ("source", pact.sources)):
        for row in rows:
            yield f"{kind} {row.id}", msgspec.to_builtins(row)
    for scheme in pact.schemes:
        for level in scheme.levels:
            yield f"level {level.id}", msgspec.to_builtins(level)
    for _, rule in walk_rules(pact):
        yield (
            rule.id,
            {
                field.encode_name: msgspec.to_builtins(getattr(rule, field.name))
                for field in msgspec.structs.fields(rule)
                if not _holds_rules(getattr(rule, field.name))
            },
        )


def _holds_rules(value: object) -> bool:
    """Rules within a rule are parts of their own."""
    return isinstance(value, Rule) or (isinstance(value, tuple) and any(isinstance(item, Rule) for item in value))
