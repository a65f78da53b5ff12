"""Judges a page by itself: pact, opening, certificate, signatures (J11 steps 2 to 7), in the order of the spec.

Step 1 was taken when the bytes were read (`pool`), steps 8 and 9 need the chain (`chain`). "The reader in the
audience" is a question about a holder, not about a page: `holding` asks it.
"""

from typing import Final

from comity.audit.digest import label
from comity.audit.form import CHECKPOINT, GENESIS, JournalId
from comity.audit.pool import Sheet
from comity.audit.record import Pins
from comity.audit.root import Roots
from comity.audit.statement import Body, Certificate, Closure, Succession
from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.crypto.suite import Suite

__all__ = ["Acceptance"]

_PAGE: Final = label("page")
_CHECKPOINT_CONTEXT: Final = b"comity/1/checkpoint"


class Acceptance:
    """Holds what is the same for all pages; `judge` is called once a page."""

    def __init__(self, pins: Pins, roots: Roots, suite: Suite) -> None:
        self._pins = pins
        self._roots = roots
        self._suite = suite
        self._strangers: dict[JournalId, str | None] = {}
        """For each journal what its names alone say against it."""

    def judge(self, sheet: Sheet) -> None:
        """Set the sheet's code, and whether it is held rather than refused; leave both if all is well."""
        if sheet.code is None:
            sheet.code, sheet.is_held = self._judge(sheet)

    def _judge(self, sheet: Sheet) -> tuple[str | None, bool]:
        journal = sheet.header.journal
        if journal not in self._strangers:
            self._strangers[journal] = self._check_pact(journal)
        if (code := self._strangers[journal]) is not None:
            # Under a version that is not at hand the stranger may be a party (J32): then the page waits.
            is_wanted = bool(self._pins.versions) and sheet.header.pact not in self._pins.versions
            return code, code == "page.unknown-party" and is_wanted
        opens_genesis = journal.feed == GENESIS and sheet.header.number == 0
        if opens_genesis and (code := self._check_genesis_opening(sheet)) is not None:
            return code, False
        certificates = self._roots.certificates(journal.author, journal.incarnation)
        if not certificates:
            return "page.stranger", True
        message = _PAGE + sheet.signed
        signers = [one for one in certificates if _verifies(self._suite, one.node_key, message, sheet.signature)]
        if not signers:
            return "page.signature", False
        if not opens_genesis and (code := self._check_opening(sheet)) is not None:
            # A closure that no known root signed waits: the succession may be on its way (J11 step 6).
            return code, code == "statement.signature"
        if sheet.late_code is None and sheet.header.kind == CHECKPOINT:
            is_signed = any(self._has_signed_checkpoint(signer, sheet) for signer in signers)
            return None if is_signed else "page.checkpoint", False
        return sheet.late_code, False

    def _check_pact(self, journal: JournalId) -> str | None:
        if journal.lineage != self._pins.lineage:
            return "page.other-lineage"
        if journal.realm != self._pins.realm:
            return "page.other-realm"
        if any(party not in self._pins.parties for party in journal.audience):
            return "page.unknown-party"
        return None

    def _check_genesis_opening(self, sheet: Sheet) -> str | None:
        """Judge J14 for genesis page 0: successions, the certificate, and above incarnation 0 a closure."""
        code, bodies = self._read_opening(sheet)
        if code is not None:
            return code
        journal = sheet.header.journal
        while bodies and isinstance(bodies[0], Succession):
            if (bodies[0].lineage, bodies[0].party) != (journal.lineage, journal.author):
                return "page.opening"
            del bodies[0]
        wanted = 1 if journal.incarnation == 0 else 2
        if len(bodies) != wanted or not _certifies(bodies[0], journal):
            return "page.opening"
        if wanted == 2 and not (isinstance(bodies[1], Closure) and bodies[1].fits(journal)):
            return "page.opening"
        return self._check_counting(sheet)

    def _check_opening(self, sheet: Sheet) -> str | None:
        """Judge J14 for every other page: a closure or nothing in page 0 of a later incarnation, else nothing."""
        header = sheet.header
        code, bodies = self._read_opening(sheet)
        if code is not None or not bodies:
            return code
        if header.number != 0 or header.journal.incarnation == 0 or len(bodies) != 1:
            return "page.opening"
        if not (isinstance(bodies[0], Closure) and bodies[0].fits(header.journal)):
            return "page.opening"
        return self._check_counting(sheet)

    def _read_opening(self, sheet: Sheet) -> tuple[str | None, list[Body]]:
        """Return what the statements in a header say, or the code of the first that is out of form."""
        bodies: list[Body] = []
        for raw in sheet.header.opening:
            statement = self._roots.find_statement(raw)
            if statement is None:
                return self._roots.code_of(raw), []
            bodies.append(statement.body)
        return None, bodies

    def _check_counting(self, sheet: Sheet) -> str | None:
        counts = all(self._roots.code_of(raw) is None for raw in sheet.header.opening)
        return None if counts else "statement.signature"

    def _has_signed_checkpoint(self, signer: Certificate, sheet: Sheet) -> bool:
        assert sheet.checkpoint is not None
        body, _ = sheet.checkpoint
        try:
            return self._suite.verify_mldsa(
                public=signer.checkpoint_key,
                message=encode((sheet.header.journal, body.statement)),
                signature=body.signature,
                context=_CHECKPOINT_CONTEXT,
            )
        except RemoteError:  # the root certified bytes that are no key
            return False


def _certifies(body: Body, journal: JournalId) -> bool:
    """Tell whether this is a certificate of the journal's very author and incarnation."""
    if not isinstance(body, Certificate):
        return False
    certified = (body.lineage, body.realm, body.party, body.incarnation)
    return certified == (journal.lineage, journal.realm, journal.author, journal.incarnation)


def _verifies(suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        return suite.verify(public=public, message=message, signature=signature)
    except RemoteError:  # the root certified bytes that are no key
        return False
