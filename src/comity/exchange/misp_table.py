"""What a party's own MISP means by its groups and distributions: a file of the party's, for no one else (X25).

Ids of sharing groups and organisations are of one installation and its friends, and change without a pact being
amended: so they stand in `misp.toml` of the realm's folder and not in the pact. Nothing has a default: a group, a
member or a distribution that the file does not name is refused, never taken for everybody.
"""

from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.base.names import Audience
from comity.node.toml_file import parse_toml
from comity.pact.model import Pact

__all__ = ["TABLE_FILE", "TABLE_SIZE_BYTES_MAX", "Distribution", "Group", "MispTable", "Organisation", "read_table"]

TABLE_FILE: Final = "misp.toml"
TABLE_SIZE_BYTES_MAX: Final = 1024 * 1024
_Uuid = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
_Parties = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=12)], ...], msgspec.Meta(max_length=256)]


class Organisation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation of MISP, and the party of the pact that it belongs to."""

    uuid: _Uuid
    party: Annotated[str, msgspec.Meta(max_length=12)]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sharing group, by its UUID, and whom it may reach; its words on releasability, as somebody read them."""

    uuid: _Uuid
    parties: _Parties
    releasability: Annotated[str, msgspec.Meta(max_length=4096)] = ""


class Distribution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which parties "this community" (1), "connected communities" (2) or "all communities" (3) come to."""

    value: Annotated[int, msgspec.Meta(ge=1, le=3)]
    parties: _Parties


class MispTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of it; empty, everything but an event for the own organisation is refused."""

    organisation: tuple[Organisation, ...] = ()
    group: tuple[Group, ...] = ()
    distribution: tuple[Distribution, ...] = ()

    def find_party(self, uuid: str) -> str | None:
        """Return the party of an organisation, or None."""
        return next((row.party for row in self.organisation if row.uuid == uuid.lower()), None)

    def find_group(self, uuid: str) -> Group | None:
        """Return the row of a sharing group, or None."""
        return next((row for row in self.group if row.uuid == uuid.lower()), None)

    def find_distribution(self, value: int) -> Audience | None:
        """Return the parties of a distribution, or None."""
        return next((row.parties for row in self.distribution if row.value == value), None)


def read_table(raw: bytes, pact: Pact) -> MispTable:
    """Read the file.

    Raises:
        UsageError: `misp.table-malformed` with what is wrong: form, a party that the pact does not have, a row twice.
    """
    table = parse_toml(raw, MispTable, size_bytes_max=TABLE_SIZE_BYTES_MAX, code="misp.table-malformed")
    named = {row.party for row in table.organisation}
    named.update(*(row.parties for row in table.group), *(row.parties for row in table.distribution))
    if strange := sorted(named - set(pact.audience)):
        raise UsageError("misp.table-malformed", why=strange[0])
    keys = [row.uuid for row in table.organisation], [row.uuid for row in table.group]
    values = [row.value for row in table.distribution]
    if any(len(set(held)) != len(held) for held in (*keys, values)):
        raise UsageError("misp.table-malformed", why="a row stands twice")
    return table
