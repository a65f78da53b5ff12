"""The officers of a node: one file in the realm's folder, for its owner alone (docs/adr/0039).

Who they are, which roles they hold and since when, what their tokens are compared with, when they are on duty, and what
was delegated to whom. It is no journal: who serves when is nobody else's to know, a token that was lost must end even
while the store is full, and a person who left must be able to be taken out of it. It goes into a backup.

Rules
- A name stays a name: an officer who was revoked is kept, so that no other gets a pseudonym that is on the record.
- A damaged file lets nobody in and is not written over (`kept_file`).
"""

import hashlib
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.crypto.password import draw_secret, hash_password
from comity.node.kept_file import BookFile
from comity.pact.offices import Act
from comity.procedure.entry import InstantField
from comity.procedure.fields import IdField

__all__ = ["OFFICERS_FILE", "Book", "Delegated", "Officer", "OfficerBook", "Shift", "find_tag"]

OFFICERS_FILE: Final = "officers.json"
SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
ROW_COUNT_MAX: Final = 4096
TAG_SIZE: Final = 4


class Officer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One officer. `until_at` 0: without an end. `tag` is two bytes of a hash of the token, which spares the others."""

    name: IdField
    roles: Annotated[tuple[IdField, ...], msgspec.Meta(min_length=1, max_length=32)]
    kept: Annotated[str, msgspec.Meta(max_length=256)]
    tag: Annotated[str, msgspec.Meta(max_length=TAG_SIZE)]
    from_at: InstantField
    until_at: InstantField = 0
    revoked_at: InstantField = 0

    def is_valid(self, at: int) -> bool:
        """Tell whether this officer may act at an instant."""
        return self.from_at <= at and (not self.until_at or at < self.until_at) and not self.revoked_at


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer is on duty in a role, from an instant until before another."""

    officer: IdField
    role: IdField
    starts_at: InstantField
    ends_at: InstantField


class Delegated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one officer handed to another: one act of a role, until an instant."""

    giver: IdField
    taker: IdField
    role: IdField
    act: Act
    until_at: InstantField


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    format: Annotated[int, msgspec.Meta(ge=1, le=1)] = 1
    officers: Annotated[tuple[Officer, ...], msgspec.Meta(max_length=ROW_COUNT_MAX)] = ()
    shifts: Annotated[tuple[Shift, ...], msgspec.Meta(max_length=ROW_COUNT_MAX)] = ()
    delegated: Annotated[tuple[Delegated, ...], msgspec.Meta(max_length=ROW_COUNT_MAX)] = ()

    def find(self, name: str) -> Officer | None:
        """Return the officer of this name, or None."""
        return next((officer for officer in self.officers if officer.name == name), None)

    def get(self, name: str) -> Officer:
        """Return the officer of this name.

        Raises:
            UsageError: `officer.unknown`.
        """
        officer = self.find(name)
        if officer is None:
            raise UsageError("officer.unknown", name=name[:48])
        return officer

    def is_vacant(self, role: str, *, at: int, for_ms: int) -> bool:
        """Tell whether nobody was on duty in a role for so long.

        By its shifts; where it never had one, whoever holds it is on duty always.
        """
        shifts = [shift for shift in self.shifts if shift.role == role and self._serves(shift.officer, at)]
        if not shifts:
            return not any(role in officer.roles and officer.is_valid(at) for officer in self.officers)
        if any(shift.starts_at <= at < shift.ends_at for shift in shifts):
            return False
        return at - max((shift.ends_at for shift in shifts if shift.ends_at <= at), default=0) >= for_ms

    def _serves(self, name: str, at: int) -> bool:
        officer = self.find(name)
        return officer is not None and officer.is_valid(at)


class OfficerBook(BookFile[Book]):
    """The file of one realm; `path` None: a node without officers. Damaged, it raises `officer.book-malformed`."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path, Book(), code="officer.book-malformed", size_bytes_max=SIZE_BYTES_MAX)

    def add(self, name: str, roles: tuple[str, ...], *, at: Instant, until_at: int = 0) -> str:
        """Add an officer and return the token, which is shown this once.

        Raises:
            UsageError: `officer.exists`, `officer.malformed`.
        """
        secret = draw_secret()
        fields = {"name": name, "roles": roles, "from_at": at, "until_at": until_at, **_keep(secret)}
        try:
            officer = msgspec.convert(fields, Officer)
        except msgspec.ValidationError as error:
            raise UsageError("officer.malformed", why=str(error)[:120]) from error

        def change(book: Book) -> Book:
            if book.find(name) is not None:
                raise UsageError("officer.exists", name=name[:48])
            return msgspec.structs.replace(book, officers=(*book.officers, officer))

        self.change(change)
        return f"{name}.{secret}"

    def renew(self, name: str) -> str:
        """Give an officer another token; the old one ends. Return it."""
        secret = draw_secret()
        kept = _keep(secret)
        self.change(lambda book: _replace(book, msgspec.structs.replace(book.get(name), **kept)))
        return f"{name}.{secret}"

    def revoke(self, name: str, *, at: Instant) -> None:
        """End an officer's power: token, shifts to come, what was delegated to and by him."""

        def change(book: Book) -> Book:
            revoked = msgspec.structs.replace(book.get(name), revoked_at=at)
            delegated = tuple(row for row in book.delegated if name not in (row.giver, row.taker))
            shifts = tuple(row for row in book.shifts if row.officer != name or row.starts_at < at)
            return msgspec.structs.replace(_replace(book, revoked), delegated=delegated, shifts=shifts)

        self.change(change)


def _replace(book: Book, officer: Officer) -> Book:
    rows = tuple(officer if row.name == officer.name else row for row in book.officers)
    return msgspec.structs.replace(book, officers=rows)


def find_tag(secret: bytes) -> str:
    """Return sixteen bits of a token's hash: whoever guesses is told so without the work of a check."""
    return hashlib.sha256(b"comity-officer-tag\0" + secret).hexdigest()[:TAG_SIZE]


def _keep(secret: str) -> dict[str, str]:
    return {"kept": hash_password(secret.encode()), "tag": find_tag(secret.encode())}
