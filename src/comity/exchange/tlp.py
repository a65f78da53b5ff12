"""The Traffic Light Protocol in STIX and in words: ids that others gave, and what of a text is a label.

Sources: STIX 2.1 (OASIS Standard, 2021), section 7.2.1.4, for the four marking objects of TLP 1.0; the property
extension in OASIS's repository of STIX common objects for the five of TLP 2.0. TLP 1.0's `white` is `clear` since.
Some platforms gave AMBER+STRICT an id of their own before there was an extension, and others write it as a statement:
all are read (docs/spec/exchange.md, X10); written are the five of the extension alone.
"""

import re
from typing import Any, Final

__all__ = ["BY_ID", "EXTENSION", "TLP_CREATED", "UnknownLabel", "find_labels_in", "is_label", "make_definition"]

EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_CREATED: Final = "2022-10-01T00:00:00.000Z"

_IDS: Final = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
BY_ID: Final = {
    **{id_: label for label, id_ in _IDS.items()},
    # TLP 1.0
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    # OpenCTI's own
    "marking-definition--826578e1-40ad-459f-bc73-ede076f81f37": "amber+strict",
}
"""What a reference means, whether or not the object itself came along."""

_WRITTEN: Final = re.compile(
    r"\btlp(?:[ \t]*([:=])[ \t]*|[ \t_-]+)(amber(?:[ \t]*[+_-][ \t]*|[ \t]+)strict|[a-z]+)", re.IGNORECASE
)
"""No two parts that repeat can share what they take: a text of spaces alone is read once, however long it is."""
_OTHER_NAMES: Final = {"white": "clear"}


class UnknownLabel(ValueError):  # noqa: N818 -- named as the fact that it is
    """A text says TLP and a colour that no version of the protocol has."""


def is_label(label: str) -> bool:
    """Tell whether TLP 2.0 has this label, as its extension writes it."""
    return label in _IDS


def find_labels_in(text: str) -> frozenset[str]:
    """Return every label that a text names, however it is written; none if it names none.

    A label that is only mentioned narrows too: a statement that says TLP:RED somewhere is not to be read as less.

    Raises:
        UnknownLabel: it says TLP, a colon, and then no colour.
    """
    found = set()
    for sign, written in _WRITTEN.findall(text):
        word = re.sub(r"[ \t]*[+_ -][ \t]*", "+", written.lower())
        label = _OTHER_NAMES.get(word, word)
        if label in _IDS:
            found.add(label)
        elif sign:
            raise UnknownLabel
    return frozenset(found)


def make_definition(label: str) -> dict[str, Any]:
    """Return the marking object of a label, as its extension defines it."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _IDS[label],
        "created": TLP_CREATED,
        "name": f"TLP:{label.upper()}",
        "extensions": {EXTENSION: {"extension_type": "property-extension", "tlp_2_0": label}},
    }
