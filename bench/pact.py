"""A pact of as many parties as a figure needs, made from the invented harbour compact that ships with Comity.

Rules, clocks and commitments are the compact's own; only the ports are more, or fewer.
"""

import re
from collections.abc import Iterable
from typing import Final

from comity.base.names import Audience, Party
from comity.rehearsal.cast import read_profile

SHIPPED: Final = ("PORT-A", "PORT-B", "PORT-C", "PORT-D")


def name_parties(count: int) -> Audience:
    """Return the names of so many ports, ascending."""
    return tuple(f"PORT-{number:03d}" for number in range(1, count + 1))


def read_without_offices(name: str) -> bytes:
    """Return a profile that ships, asking for no officers: an import of the benchmarks names a thousand."""
    tables = _split_tables(read_profile(name))
    return "".join(table for table in tables if not table.startswith(("[offices", "[[offices"))).encode()


def _split_tables(raw: bytes) -> list[str]:
    return re.split(r"(?m)^(?=\[)", raw.decode())


def make_profile(count: int) -> bytes:
    """Return the profile of a compact of `count` ports."""
    parties = name_parties(count)
    kept: list[str] = []
    for table in _split_tables(read_without_offices("harbour-aid")):
        head = table.split("\n", 1)[0].strip()
        if head == "[[party]]" and not any("[[party]]" in one for one in kept):
            kept += [_make_party(party) for party in parties]
        elif head == "[[scheme]]" and not any("[[scheme]]" in one for one in kept):
            kept += [_make_scheme(party) for party in parties]
        table = re.sub(r"(?m)^(parties|reported_by) = .*$", rf"\1 = {_quote(parties)}", table)  # noqa: PLW2901
        table = re.sub(r"(?m)^levels = .*-OPEN.*$", f"levels = {_quote(map(_level, parties))}", table)  # noqa: PLW2901
        if head not in _OF_SHIPPED and not _NAMES_SHIPPED.search(table):
            kept.append(table)
    return "".join(kept).encode()


_OF_SHIPPED: Final = ("[[party]]", "[party.zone]", "[[party.zone.daylight]]", "[[scheme]]")
_NAMES_SHIPPED: Final = re.compile(r'"(PORT-[A-D]|[A-D]-[A-Z]+|ab-staff)"')
"""What is about single ports of the shipped compact, or their levels, has no counterpart."""


def _level(party: Party) -> str:
    return f"{party}-OPEN"


def _quote(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _make_party(party: Party) -> str:
    name = f'{{ en = "{party}", ja = "{party}", ko = "{party}" }}'
    return (
        f'[[party]]\nid = "{party}"\nlanguages = ["en"]\nname = {name}\nshort = {name}\n'
        'zone = { name = "Z", offset_minutes = 0, letters = "UTC+0" }\n\n'
    )


def _make_scheme(party: Party) -> str:
    level = f'id = "{_level(party)}", rank = 0, local = "OPEN", romanised = "OPEN", language = "en", confidence = "OK"'
    return f'[[scheme]]\nparty = "{party}"\nlevel = [{{ {level} }}]\n\n'
