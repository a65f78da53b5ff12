"""What marking objects say, and which signs each object of a bundle bears by them (docs/spec/exchange.md, X10 and X11).

Rules
- An object bears what it refers to, what its parts refer to (granular markings), and what its labels say: all of it.
- A marking that is neither known nor in the file, or of a kind that we cannot read, refuses the object.
- A statement that names no colour says nothing of a level: it is kept, and the object is marked by what else it bears.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from comity.exchange.marker import Signs
from comity.exchange.own_marking import OwnMarking, read_own_marking
from comity.exchange.stix_read import Found, StixObject
from comity.exchange.tlp import BY_ID, EXTENSION, UnknownLabel, find_labels_in, is_label

__all__ = ["Definitions"]

NEEDED_SIZE_BYTES_MAX: Final = 256 * 1024
"""All marking objects that one object needs: they are kept with it."""
NEEDED_COUNT_MAX: Final = 256
"""So many, known or not: who needs more makes a reader walk, and says nothing by it."""


class Definitions:
    """The marking objects of one bundle."""

    def __init__(self, objects: Iterable[Found]) -> None:
        self._raw: dict[str, list[bytes]] = {}
        self._held: dict[str, list[StixObject]] = {}
        for _, object_, raw in objects:
            if object_.kind == "marking-definition":
                self._held.setdefault(object_.id, []).append(object_)
                self._raw.setdefault(object_.id, []).append(raw)
        self._found: dict[tuple[str, ...], tuple[Signs, str, tuple[str, ...]]] = {}

    def find_signs(self, object_: StixObject) -> tuple[Signs, str, tuple[str, ...]]:
        """Return what an object bears; a code if that cannot be read; and the ids of the marking objects it needs."""
        refs = _list_refs(object_)
        if refs not in self._found:
            self._found[refs] = self._read(refs)
        signs, code, needed = self._found[refs]
        try:
            said = find_labels_in("\n".join(object_.labels)) if object_.labels else frozenset()
        except UnknownLabel:
            return signs, "exchange.marking-unknown", needed
        return (Signs(signs.labels | said, signs.own) if said else signs), code, needed

    def get_raw(self, id_: str) -> list[bytes]:
        """Return the bytes of a marking object that is in the bundle: one for each version."""
        return self._raw[id_]

    def _read(self, refs: tuple[str, ...]) -> tuple[Signs, str, tuple[str, ...]]:
        """Follow references among marking objects, each once: a circle of them comes to an end (X8)."""
        labels: set[str] = set()
        own: set[OwnMarking] = set()
        needed: list[str] = []
        pending, seen, size = list(refs), set(refs), 0
        while pending:
            if len(seen) > NEEDED_COUNT_MAX or size > NEEDED_SIZE_BYTES_MAX:
                return Signs(), "stix.object-too-large", ()
            id_ = pending.pop()
            if id_ in BY_ID:
                labels.add(BY_ID[id_])
            if id_ not in self._held:
                if id_ not in BY_ID:
                    return Signs(), "exchange.marking-missing", ()
                continue
            needed.append(id_)
            size += sum(map(len, self._raw[id_]))
            for definition in self._held[id_]:
                try:
                    found, ours = _read_definition(definition)
                except ValueError:
                    return Signs(), "exchange.marking-unknown", ()
                labels |= found
                own |= {ours} if ours is not None else set()
                further = [ref for ref in _list_refs(definition) if ref not in seen]
                seen.update(further)
                pending += further
        if size > NEEDED_SIZE_BYTES_MAX:
            return Signs(), "stix.object-too-large", ()
        return Signs(frozenset(labels), frozenset(own)), "", tuple(sorted(needed))


def _list_refs(object_: StixObject) -> tuple[str, ...]:
    """Return the marking objects that an object refers to, as a whole or in parts, each once."""
    of_parts = (row.marking_ref for row in object_.granular_markings if row.marking_ref)
    return tuple(dict.fromkeys((*object_.object_marking_refs, *of_parts)))


def _read_definition(definition: StixObject) -> tuple[frozenset[str], OwnMarking | None]:
    """Return the labels and the marking of ours that a marking object stands for.

    Raises:
        ValueError: it stands for something that we cannot read.
    """
    extensions: Mapping[str, Any] = definition.extensions if isinstance(definition.extensions, dict) else {}
    own = read_own_marking(extensions)
    known = {BY_ID[definition.id]} if definition.id in BY_ID else set()
    labels: set[str] = set()
    if EXTENSION in extensions:
        held = extensions[EXTENSION]
        label = held.get("tlp_2_0") if isinstance(held, dict) else None
        if not isinstance(label, str) or not is_label(label):
            raise ValueError
        labels.add(label)
    kind = definition.definition_type
    content = definition.definition if isinstance(definition.definition, dict) else {}
    said = [definition.name, kind, definition.x_opencti_definition]
    if isinstance(kind, str) and kind.lower() == "tlp":
        colours = [content[key] for key in ("tlp", "TLP") if key in content]
        if not colours or not all(isinstance(colour, str) for colour in colours):
            raise ValueError
        said += [colour if colour.lower().startswith("tlp") else f"tlp:{colour}" for colour in colours]
    elif kind == "statement":
        said.append(content.get("statement"))
    if own is None:
        # Our own statement spells out a marking that the extension holds in parts; it is no label.
        labels |= find_labels_in("\n".join(text for text in said if isinstance(text, str) and text.lower() != "tlp"))
    if not labels and not known and own is None and kind != "statement":
        raise ValueError
    return frozenset(labels | known), own
