"""Names and digests that every room uses.

A digest names a thing by its content; nothing in Comity is named by a counter or a random id that two nodes could
give to different things.
"""

import itertools
import re
from typing import Annotated, Final, NewType

import msgspec

from comity.base.limits import AUDIENCE_COUNT_MAX, PARTY_NAME_SIZE_MAX, REALM_NAME_SIZE_MAX

__all__ = [
    "REAL",
    "UINT_MAX",
    "Audience",
    "Bytes32",
    "Digest",
    "DigestField",
    "Party",
    "Realm",
    "Uint",
    "format_digest",
    "is_audience",
    "is_party",
    "is_realm",
]

Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
UINT_MAX: Final = 2**53
Uint = Annotated[int, msgspec.Meta(ge=0, le=UINT_MAX)]
"""A whole number that every language holds exactly."""

Digest = NewType("Digest", bytes)
"""32 bytes of SHA-256."""

DigestField = Annotated[Digest, msgspec.Meta(min_length=32, max_length=32)]
"""A digest as a field of a struct that is decoded."""

Party = str
"""A party's short name in the pact: `USA`, `JPN`, `CERT-EE`."""

Realm = str
"""`real`, or `exercise/NAME`. Other realm: other keys, journals, streams (law 5)."""

Audience = tuple[Party, ...]
"""The parties who may read, the author among them: sorted, without repetition, never empty."""

REAL: Final = "real"

PARTY_PATTERN: Final = rf"[A-Z][A-Z0-9-]{{0,{PARTY_NAME_SIZE_MAX - 1}}}"
_PARTY = re.compile(PARTY_PATTERN, re.ASCII)
_REALM = re.compile(r"real|exercise/[a-z0-9][a-z0-9-]*", re.ASCII)


def is_party(name: str) -> bool:
    """Tell whether `name` has the form of a party's short name."""
    return _PARTY.fullmatch(name) is not None


def is_realm(name: str) -> bool:
    """Tell whether `name` has the form of a realm."""
    return len(name) <= REALM_NAME_SIZE_MAX and _REALM.fullmatch(name) is not None


def is_audience(names: tuple[str, ...]) -> bool:
    """Tell whether `names` is an audience: party names, strictly ascending, at least one, not more than the limit."""
    if not 1 <= len(names) <= AUDIENCE_COUNT_MAX:
        return False
    return all(map(is_party, names)) and all(a < b for a, b in itertools.pairwise(names))


def format_digest(digest: bytes) -> str:
    """Shorten a digest for people: its first eight bytes in hexadecimal."""
    return digest[:8].hex()
