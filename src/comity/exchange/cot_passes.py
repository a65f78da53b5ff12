"""Which TAK client shows which certificate, and the TLS of the port that they reach (docs/spec/exchange.md, X66).

A folder `cot` in the realm's: the authority of the port, which is made when first needed, the server's certificate,
issued anew at each start, and `passes.json`: by fingerprint, whose each certificate is.

Rules
- The fingerprint decides. Whoever signed it, a certificate that is not in the file is nobody's.
- A pass is bound to when its consumer was added: with the consumer it is gone, and does not come back with its name.
- TLS 1.3 and nothing older. A certificate is asked for and may be left out: then the token is (X65).
"""

import contextlib
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.crypto.visiting import Pass, Signer, get_fingerprint, make_signer
from comity.exchange.consumer import CONSUMER_COUNT_MAX, Consumer
from comity.node.durable import hold_alone, write_private

__all__ = ["COT_FOLDER", "Held", "Passes"]

COT_FOLDER: Final = "cot"
PASSES_SIZE_BYTES_MAX: Final = 8 * 1024 * 1024
PASS_COUNT_MAX: Final = 4 * CONSUMER_COUNT_MAX


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One certificate that is known here, DER."""

    consumer: Annotated[str, msgspec.Meta(max_length=32)]
    added_at: int
    certificate: Annotated[bytes, msgspec.Meta(max_length=16 * 1024)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Annotated[int, msgspec.Meta(ge=1, le=1)]
    passes: Annotated[tuple[Held, ...], msgspec.Meta(max_length=PASS_COUNT_MAX)]


class Passes:
    """The folder of one realm."""

    def __init__(self, realm_path: Path) -> None:
        self._folder = realm_path / COT_FOLDER
        self._path = self._folder / "passes.json"
        self._stamp: tuple[int, int] | None = None
        self._held: dict[str, Held] = {}

    def find(self, certificate: bytes, consumers: Iterable[Consumer]) -> Consumer | None:
        """Return whose certificate this is, of these; None where it is nobody's."""
        held = self._held.get(get_fingerprint(certificate))
        if held is None:
            return None
        return next((one for one in consumers if (one.name, one.added_at) == (held.consumer, held.added_at)), None)

    def reread(self) -> bool:
        """Read the file where it was written since; tell whether it was.

        Raises:
            UsageError: `cot.passes-malformed`: a damaged file lets nobody in, and is not written over.
        """
        stamp = None
        with contextlib.suppress(OSError):
            found = self._path.stat()
            stamp = found.st_mtime_ns, found.st_ino
        if stamp == self._stamp:
            return False
        self._held = {}
        if stamp is not None:
            with self._path.open("rb") as file:
                raw = file.read(PASSES_SIZE_BYTES_MAX + 1)
            try:
                passes = msgspec.json.decode(raw, type=_File).passes
            except (ValueError, RecursionError) as error:
                raise UsageError("cot.passes-malformed") from error
            self._held = {get_fingerprint(one.certificate): one for one in passes}
        self._stamp = stamp
        return True

    def add(self, consumer: Consumer, certificate: bytes, consumers: Iterable[Consumer]) -> str:
        """Let a consumer in by a certificate, beside those that it has; return its fingerprint.

        What belongs to consumers that are not there any more is left out on the way.

        Raises:
            UsageError: `cot.passes-malformed`, `consumer.too-many-kept`.
        """
        with hold_alone(self._folder):
            self.reread()
            there = {(one.name, one.added_at) for one in consumers}
            held = {name: one for name, one in self._held.items() if (one.consumer, one.added_at) in there}
            fingerprint = get_fingerprint(certificate)
            held[fingerprint] = Held(consumer.name, consumer.added_at, certificate)
            if len(held) > PASS_COUNT_MAX:
                raise UsageError("consumer.too-many-kept", count=len(held))
            self._write(held)
            return fingerprint

    def remove(self, name: str) -> int:
        """Let a consumer in by no certificate any more; return how many it had."""
        with hold_alone(self._folder):
            self.reread()
            held = {mark: one for mark, one in self._held.items() if one.consumer != name}
            count = len(self._held) - len(held)
            if count:
                self._write(held)
            return count

    def _write(self, held: Mapping[str, Held]) -> None:
        raw = msgspec.json.format(msgspec.json.encode(_File(1, tuple(held.values()))), indent=2)
        write_private(self._path, raw)
        self.reread()

    def issue(self, name: str, passphrase: str) -> tuple[Pass, bytes]:
        """Return a pass for a consumer's client, not let in yet, and the authority for its list of those it trusts."""
        signer = self.find_signer()
        return signer.issue_pass(name, passphrase), signer.format_trust(passphrase)

    def find_signer(self) -> Signer:
        """Return the port's authority; it is drawn where there is none."""
        certificate, key = self._folder / "authority.pem", self._folder / "authority.key"
        with hold_alone(self._folder):
            if not certificate.exists():
                made = make_signer(f"comity cot {int(time.time())}")
                write_private(key, made.key_pem)
                write_private(certificate, made.certificate_pem)
            return Signer(certificate.read_bytes(), key.read_bytes())

    def make_context(self, names: Sequence[str]) -> ssl.SSLContext:
        """Return the server's side of TLS, reached by these names, that knows the passes as they are now."""
        signer = self.find_signer()
        chain, key = signer.issue_server(names)
        shown = self._folder / "server.pem"
        with hold_alone(self._folder):
            write_private(shown, chain + key)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.num_tickets = 0  # each connection shows what it has
            context.load_cert_chain(shown)
        self.trust(context)
        return context

    def trust(self, context: ssl.SSLContext) -> None:
        """Have a context ask for certificates, and take those that are known here."""
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a pinned one needs no authority behind it
        context.load_verify_locations(cadata=self.find_signer().certificate_pem.decode())
        for held in self._held.values():
            with contextlib.suppress(ssl.SSLError):  # it is there already
                context.load_verify_locations(cadata=held.certificate)
