"""Where the others are reached when Comity itself is down: a party's own file, for its call-down card.

`contacts.toml` in the realm's folder. It is written by hand, is in no journal, and nobody else ever sees it; it goes
into a backup. No pact has telephone numbers, and none is invented: what the file lacks stays an empty place on paper.

What it says of nobody in the pact is printed on no card, without a word: `find_faults` finds it before that night.
"""

import enum
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import msgspec

from comity.base.errors import UsageError
from comity.base.names import PARTY_PATTERN, Party
from comity.node.toml_file import parse_toml, read_bytes

__all__ = ["CONTACTS_FILE", "Contact", "ContactFault", "Contacts", "ContactsFile", "Unfit", "find_faults",
           "parse_contacts"]  # fmt: skip

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


class Unfit(enum.Enum):
    """Why something of the file does not come onto a card, or should not lie there so."""

    PARTY = "party"
    """No party of the pact; the row is printed nowhere."""
    LANGUAGE = "language"
    """No language of a card; these words are printed nowhere."""
    OPEN = "open"
    """Others of this machine may read the file."""


class ContactFault(NamedTuple):
    """One thing that does not fit: which row of contacts, from 1 (0: none of them), and what stands there."""

    why: Unfit
    row: int
    what: str


def parse_contacts(raw: bytes) -> Contacts:
    """Read the file's bytes.

    Raises:
        UsageError: `contacts.malformed`.
    """
    return parse_toml(raw, Contacts, size_bytes_max=SIZE_BYTES_MAX, code="contacts.malformed")


def find_faults(held: Contacts, *, parties: Iterable[Party], languages: Iterable[str]) -> Iterator[ContactFault]:
    """Yield what a card of these parties, in these languages, would leave out."""
    known, spoken = frozenset(parties), frozenset(languages)
    for number, row in enumerate(held.contacts, start=1):
        if row.party not in known:
            yield ContactFault(Unfit.PARTY, number, row.party)
    for language in held.challenge:
        if language not in spoken:
            yield ContactFault(Unfit.LANGUAGE, 0, language)


class ContactsFile:
    """The file of one realm; `path` None: there is none."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @property
    def path(self) -> str:
        """Where it lies, or would lie."""
        return CONTACTS_FILE if self._path is None else str(self._path)

    @property
    def is_there(self) -> bool:
        """Whether there is a file."""
        return self._path is not None and self._path.exists()

    def read(self) -> Contacts:
        """Return what the file says now; a card without contacts where there is no file.

        Raises:
            UsageError: `contacts.malformed`.
        """
        if self._path is None or not self._path.exists():
            return Contacts()
        try:
            return parse_contacts(read_bytes(self._path, size_bytes_max=SIZE_BYTES_MAX))
        except OSError as error:
            raise UsageError("contacts.malformed", why=str(error)[:200]) from error

    def find_faults(self, held: Contacts, *, parties: Iterable[Party], languages: Iterable[str]) -> list[ContactFault]:
        """Return what is left out of a card, and whether the file lies open to others."""
        found = list(find_faults(held, parties=parties, languages=languages))
        if self._path is not None and self._path.exists() and self._path.stat().st_mode & 0o077:
            found.append(ContactFault(Unfit.OPEN, 0, self._path.name))
        return found
