"""The passkeys of a node's officers, and the codes that let one be made: a file of the realm (docs/adr/0058).

It stands beside `officers.json` and holds no secret: public keys, and hashes of codes. A code is drawn by an
administrator, is good once and for half an hour, and lets its officer make one passkey; the token is asked for as
well, so that neither alone is enough. A code that is drawn and a counter that is kept at one time are both there
afterwards (`kept_file`).
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.base.instants import MINUTE_MS, Instant
from comity.crypto.passkey import Passkey
from comity.node.kept_file import BookFile
from comity.procedure.entry import InstantField
from comity.procedure.fields import IdField

__all__ = ["CODE_MS", "PASSKEYS_FILE", "Enrolled", "Enrolment", "PasskeyBook", "Passkeys"]

PASSKEYS_FILE: Final = "passkeys.json"
SIZE_BYTES_MAX: Final = 8 * 1024 * 1024
ROW_COUNT_MAX: Final = 4096
CODE_MS: Final = 30 * MINUTE_MS
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_SIZE: Final = 20
"""A hundred bits, in letters that nobody takes for each other."""


class Enrolled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passkey of an officer."""

    officer: IdField
    passkey: Passkey
    made_at: InstantField


class Enrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code that lets an officer make a passkey, until then."""

    officer: IdField
    mark: Annotated[str, msgspec.Meta(max_length=64)]
    until_at: InstantField


class Passkeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    format: Annotated[int, msgspec.Meta(ge=1, le=1)] = 1
    enrolled: Annotated[tuple[Enrolled, ...], msgspec.Meta(max_length=ROW_COUNT_MAX)] = ()
    enrolments: Annotated[tuple[Enrolment, ...], msgspec.Meta(max_length=ROW_COUNT_MAX)] = ()

    def find_all(self, officer: str) -> tuple[Enrolled, ...]:
        """Return the passkeys of an officer."""
        return tuple(row for row in self.enrolled if row.officer == officer)

    def find(self, credential: str) -> Enrolled | None:
        """Return the passkey of an id, or None."""
        return next((row for row in self.enrolled if row.passkey.credential == credential), None)


class PasskeyBook(BookFile[Passkeys]):
    """The file of one realm; `path` None: kept in memory alone. Damaged, it raises `passkey.book-malformed`."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path, Passkeys(), code="passkey.book-malformed", size_bytes_max=SIZE_BYTES_MAX)

    def draw_code(self, officer: str, *, at: Instant) -> str:
        """Draw a code for an officer, in groups of five letters; one that was drawn before ends."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_SIZE))
        drawn = Enrolment(officer, _mark(officer, code), Instant(at + CODE_MS))

        def change(book: Passkeys) -> Passkeys:
            kept = tuple(row for row in book.enrolments if row.officer != officer and row.until_at > at)
            return msgspec.structs.replace(book, enrolments=(*kept, drawn))

        self.change(change)
        return "-".join(code[start : start + 5] for start in range(0, _CODE_SIZE, 5))

    def is_code(self, officer: str, code: str, *, at: Instant) -> bool:
        """Tell whether a code is good for an officer; spaces, hyphens and small letters make no difference."""
        mark = _mark(officer, "".join(code.split()).replace("-", "").upper())
        rows = (row for row in self.read().enrolments if row.officer == officer and row.until_at > at)
        return any(hmac.compare_digest(row.mark, mark) for row in rows)

    def add(self, officer: str, passkey: Passkey, *, at: Instant) -> None:
        """Keep a passkey that an officer made, and let no other be made with the code.

        Raises:
            UsageError: `passkey.refused` where it is kept already.
        """

        def change(book: Passkeys) -> Passkeys:
            if book.find(passkey.credential) is not None:
                raise UsageError("passkey.refused")
            kept = tuple(row for row in book.enrolments if row.officer != officer)
            return msgspec.structs.replace(
                book, enrolled=(*book.enrolled, Enrolled(officer, passkey, at)), enrolments=kept
            )

        self.change(change)

    def note_count(self, passkey: Passkey) -> None:
        """Keep the counter that a passkey has shown; many show none."""

        def change(book: Passkeys) -> Passkeys:
            rows = tuple(
                msgspec.structs.replace(row, passkey=passkey) if row.passkey.credential == passkey.credential else row
                for row in book.enrolled
            )
            return msgspec.structs.replace(book, enrolled=rows)

        self.change(change)

    def remove(self, officer: str, credential: str = "") -> int:
        """Take an officer's passkeys away, or those whose id begins so; return how many."""

        def change(book: Passkeys) -> Passkeys:
            kept = tuple(
                row
                for row in book.enrolled
                if row.officer != officer or not row.passkey.credential.startswith(credential.lower())
            )
            return msgspec.structs.replace(book, enrolled=kept)

        before, after = self.change(change)
        return len(before.enrolled) - len(after.enrolled)


def _mark(officer: str, code: str) -> str:
    return hashlib.sha256(b"comity-enrolment\0" + f"{officer}\0{code}".encode("utf-8", "replace")).hexdigest()
