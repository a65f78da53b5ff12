"""Where the others are reached when Comity itself is down: a party's own file, for its call-down card.

`contacts.toml` in the realm's folder. It is written by hand, is in no journal, and nobody else ever sees it; it goes
into a backup. No pact has telephone numbers, and none is invented: what the file lacks stays an empty place on paper.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.base.names import PARTY_PATTERN

__all__ = ["CONTACTS_FILE", "Contact", "Contacts", "ContactsFile"]

CONTACTS_FILE: Final = "contacts.toml"
SIZE_BYTES_MAX: Final = 64 * 1024
CONTACT_COUNT_MAX: Final = 64

Line = Annotated[str, msgspec.Meta(max_length=120)]
Lines = Annotated[str, msgspec.Meta(max_length=400)]


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to reach somebody: which office of which party, on what, under which number."""

    party: Annotated[str, msgspec.Meta(pattern=rf"^{PARTY_PATTERN}\Z")]
    reach: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    office: Line = ""
    channel: Line = ""
    note: Line = ""


class Contacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. `challenge` is how this party proves who calls, by language; empty for the words of the house."""

    contacts: Annotated[tuple[Contact, ...], msgspec.Meta(max_length=CONTACT_COUNT_MAX)] = msgspec.field(
        name="contact", default=()
    )
    challenge: Annotated[dict[Annotated[str, msgspec.Meta(max_length=2)], Lines], msgspec.Meta(max_length=8)] = {}

    def find_all(self, party: str) -> tuple[Contact, ...]:
        """Return the ways to reach a party, in the order of the file."""
        return tuple(row for row in self.contacts if row.party == party)


class ContactsFile:
    """The file of one realm; `path` None: there is none."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @property
    def path(self) -> str:
        """Where it lies, or would lie."""
        return CONTACTS_FILE if self._path is None else str(self._path)

    def read(self) -> Contacts:
        """Return what the file says now; a card without contacts where there is no file.

        Raises:
            UsageError: `contacts.malformed`.
        """
        if self._path is None or not self._path.exists():
            return Contacts()
        try:
            with self._path.open("rb") as file:
                raw = file.read(SIZE_BYTES_MAX + 1)
            if len(raw) > SIZE_BYTES_MAX:
                raise UsageError("contacts.malformed", why=f"larger than {SIZE_BYTES_MAX} bytes")
            return msgspec.convert(tomllib.loads(raw.decode()), Contacts)
        except (OSError, ValueError, RecursionError) as error:
            raise UsageError("contacts.malformed", why=str(error)[:200]) from error
