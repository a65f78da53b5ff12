"""The passkeys of a node's officers, and the codes that let one be made: a file of the realm (docs/adr/0058).

It stands beside `officers.json` and holds no secret: public keys, and hashes of codes. A code is drawn by an
administrator, is good once and for half an hour, and lets its officer make one passkey; the token is asked for as
well, so that neither alone is enough. The file is read again once it changed, and whoever changes it holds it alone
from reading to writing: a code that is drawn and a counter that is kept at one time are both there afterwards.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.base.instants import MINUTE_MS, Instant
from comity.crypto.passkey import Passkey
from comity.node.durable import hold_alone, write_private
from comity.procedure.entry import InstantField
from comity.procedure.fields import IdField

__all__ = ["PASSKEYS_FILE", "Enrolled", "Enrolment", "PasskeyBook", "Passkeys"]

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


class PasskeyBook:
    """The file of one realm; `path` None: kept in memory alone."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._read_as = (0, 0, 0)
        self._passkeys = Passkeys()

    def read(self) -> Passkeys:
        """Return what the file says now.

        Raises:
            UsageError: `passkey.book-malformed`.
        """
        if self._path is None:
            return self._passkeys
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._read_as, self._passkeys = (0, 0, 0), Passkeys()
            return self._passkeys
        read_as = (found.st_mtime_ns, found.st_size, found.st_ino)
        if read_as != self._read_as:
            self._passkeys, self._read_as = _decode(self._path), read_as
        return self._passkeys

    def draw_code(self, officer: str, *, at: Instant) -> str:
        """Draw a code for an officer, in groups of five letters; one that was drawn before ends."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_SIZE))
        drawn = Enrolment(officer, _mark(officer, code), Instant(at + CODE_MS))

        def change(book: Passkeys) -> Passkeys:
            kept = tuple(row for row in book.enrolments if row.officer != officer and row.until_at > at)
            return msgspec.structs.replace(book, enrolments=(*kept, drawn))

        self._change(change)
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

        self._change(change)

    def note_count(self, passkey: Passkey) -> None:
        """Keep the counter that a passkey has shown; many show none."""

        def change(book: Passkeys) -> Passkeys:
            rows = tuple(
                msgspec.structs.replace(row, passkey=passkey) if row.passkey.credential == passkey.credential else row
                for row in book.enrolled
            )
            return msgspec.structs.replace(book, enrolled=rows)

        self._change(change)

    def remove(self, officer: str, credential: str = "") -> int:
        """Take an officer's passkeys away, or those whose id begins so; return how many."""

        def change(book: Passkeys) -> Passkeys:
            kept = tuple(
                row
                for row in book.enrolled
                if row.officer != officer or not row.passkey.credential.startswith(credential.lower())
            )
            return msgspec.structs.replace(book, enrolled=kept)

        before, after = self._change(change)
        return len(before.enrolled) - len(after.enrolled)

    def _change(self, change: Callable[[Passkeys], Passkeys]) -> tuple[Passkeys, Passkeys]:
        """Return what the file said, and what it says now; what `change` raises leaves it as it is."""
        with hold_alone(None if self._path is None else self._path.parent):
            self._read_as = (0, 0, 0)
            before = self.read()
            after = change(before)
            if after != before:
                self._write(after)
            return before, after

    def _write(self, passkeys: Passkeys) -> None:
        self._passkeys = passkeys
        if self._path is not None:
            write_private(self._path, msgspec.json.format(msgspec.json.encode(passkeys), indent=2))
            self._read_as = (0, 0, 0)


def _mark(officer: str, code: str) -> str:
    return hashlib.sha256(b"comity-enrolment\0" + f"{officer}\0{code}".encode("utf-8", "replace")).hexdigest()


def _decode(path: Path) -> Passkeys:
    try:
        raw = path.read_bytes()
        if len(raw) > SIZE_BYTES_MAX:
            raise UsageError("passkey.book-malformed", path=str(path))
        return msgspec.json.decode(raw, type=Passkeys)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError("passkey.book-malformed", path=str(path)) from error
