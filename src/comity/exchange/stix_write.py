"""STIX 2.1 out: the objects of a portion, each under its label, its marking in full and, in an exercise, saying so.

Rules (docs/spec/exchange.md, X14 to X17)
- What an object holds stays as it came, byte for byte; to its markings are added ours. None is ever taken away.
- The label is the one that the pact's table gives for the portion's marking. Without one nothing of it is written.
- In an exercise every object bears the exercise's marking; those that may have labels are labelled as well.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from comity.base.errors import RemoteError
from comity.base.names import Party
from comity.exchange.own_marking import OwnMarking, is_exercise, make_own_definition
from comity.exchange.stix_import import STIX_MEDIA, write_bundle
from comity.exchange.stix_read import Found, read_bundle
from comity.exchange.tlp import make_definition
from comity.pact.foreign import Vocabulary, find_label
from comity.pact.model import Pact
from comity.pact.release import equivalent_level, find_level
from comity.procedure.entry import Marking
from comity.procedure.item import Portion

__all__ = ["EXERCISE_LABEL", "OutObject", "StixWriter", "merge", "write_export"]

EXERCISE_LABEL: Final = "exercise"
_UNLABELLED: Final = frozenset({"marking-definition"})


class OutObject(NamedTuple):
    """One object as it goes out. `version` is empty where it has none."""

    id: str
    version: str
    kind: str
    spec_version: str
    raw: bytes


_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_WORDS: Final = msgspec.json.Decoder(list[str])
_encode: Final = msgspec.json.Encoder().encode


class StixWriter:
    """Writes portions for one receiver, in one realm, under one version of the pact."""

    def __init__(self, pact: Pact, *, lineage: str, realm: str, receiver: Party) -> None:
        self._pact, self._lineage, self._realm, self._receiver = pact, lineage, realm, receiver
        self._ranks = {scheme.party: {level.id: level.rank for level in scheme.levels} for scheme in pact.schemes}
        self._definitions: dict[Marking, tuple[tuple[OutObject, ...], list[str]]] = {}

    def write(self, portions: Iterable[Portion]) -> list[OutObject]:
        """Return the objects of portions that hold STIX and whose marking has a label, markings before the marked."""
        written: list[OutObject] = []
        for portion in portions:
            if portion.media != STIX_MEDIA:
                continue
            definitions, refs = self._find_definitions(portion.marking)
            if definitions:
                written += definitions
                written += [self._write_object(one, refs) for one in _read_objects(portion.content)]
        return written

    def find_signs(self, marking: Marking) -> tuple[str, OwnMarking] | None:
        """Return the label that a marking goes out with, and the marking in full; None where it has no label (X3)."""
        label = find_label(
            self._pact.foreign,
            Vocabulary.TLP_2,
            party=marking.scheme,
            level=marking.level,
            caveats=marking.caveats,
            ranks=self._ranks.get(marking.scheme, {}),
        )
        return None if label is None else (label, self._make_own(marking))

    def _find_definitions(self, marking: Marking) -> tuple[tuple[OutObject, ...], list[str]]:
        if marking not in self._definitions:
            signs = self.find_signs(marking)
            made = [] if signs is None else [make_definition(signs[0]), make_own_definition(signs[1])]
            objects = tuple(
                OutObject(one["id"], one["created"], one["type"], one["spec_version"], _encode(one)) for one in made
            )
            self._definitions[marking] = objects, [one.id for one in objects]
        return self._definitions[marking]

    def _make_own(self, marking: Marking) -> OwnMarking:
        level = equivalent_level(self._pact, marking.level, self._receiver)
        found = find_level(self._pact, marking.level)
        if found is not None and found[0] == self._receiver:
            level = found[1]
        handled: dict[str, str] = {} if level is None else {
            "handled_by": self._receiver, "handled_as": level.id, "handled_as_local": level.local,
            "handled_as_romanised": level.romanised, "handled_as_language": level.language,
        }  # fmt: skip
        return OwnMarking(
            lineage=self._lineage,
            realm=self._realm,
            originator=marking.originator,
            scheme=marking.scheme,
            level=marking.level,
            topics=marking.topics,
            caveats=marking.caveats,
            **handled,
        )

    def _write_object(self, found: Found, refs: list[str]) -> OutObject:
        read, fields = found.object, _FIELDS.decode(found.raw)
        _extend(fields, "object_marking_refs", refs)
        # Observables and marking objects have no labels in STIX 2.1; their marking says it.
        if is_exercise(self._realm) and read.created and read.kind not in _UNLABELLED:
            _extend(fields, "labels", [EXERCISE_LABEL])
        return OutObject(read.id, read.version, read.kind, read.spec_version or "2.1", _encode(fields))


def _read_objects(content: bytes) -> list[Found]:
    """Return the objects of a portion; another party wrote it, and what is not sound in it is not passed on."""
    try:
        return read_bundle(content)[0]
    except RemoteError:
        return []


def _extend(fields: dict[str, Any], key: str, words: list[str]) -> None:
    held = _WORDS.decode(fields[key]) if key in fields else []
    fields[key] = msgspec.Raw(_encode(list(dict.fromkeys((*held, *words)))))


def merge(one: OutObject, other: OutObject) -> OutObject:
    """Return one object for two of the same id and version: it bears the markings of both."""
    if one.raw == other.raw:
        return one
    fields, further = _FIELDS.decode(one.raw), _FIELDS.decode(other.raw)
    for key in ("object_marking_refs", "labels"):
        if key in further:
            _extend(fields, key, _WORDS.decode(further[key]))
    return one._replace(raw=_encode(fields))


def write_export(objects: Iterable[OutObject]) -> bytes:
    """Return all objects as one bundle, each id and version once."""
    held: dict[tuple[str, str], OutObject] = {}
    for one in objects:
        key = (one.id, one.version)
        held[key] = merge(held[key], one) if key in held else one
    return write_bundle([one.raw for one in held.values()])
