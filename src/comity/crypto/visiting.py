"""The certificates of TAK clients and of the port that they reach: X.509 as stock clients can read it (X66).

They are apart from the links of nodes (`tls`): these programs are not ours, and what they read decides the form.

Rules
- ECDSA on P-256, for what Android, iOS and Windows ship knows no Ed25519 in a certificate.
- Files of PKCS #12 are sealed with 3DES and SHA-1, the only form that all of them open. It protects against nobody
  who has the file; who may come in is decided by the fingerprint, which is kept with the consumer's name.
- Valid from 1970 to the end of 9999: a wrong clock cuts nobody off. Who may come no more is taken out of the file.
- There is no public CA. The authority is made here, and serves to be named in a client's list of those it trusts.
"""

import datetime as dt
import hashlib
import ipaddress
from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.base.errors import UsageError
from comity.base.limits import AUTHORITY_SIZE_BYTES_MAX

__all__ = ["Pass", "Signer", "get_fingerprint", "make_signer", "read_certificate"]

_BEGIN: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_END: Final = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
_PEM: Final = serialization.Encoding.PEM
_ROUNDS: Final = 2_048


class Pass(NamedTuple):
    """What one client shows: its certificate, DER; and with its key, PEM, and sealed as PKCS #12."""

    certificate: bytes
    chain_pem: bytes
    key_pem: bytes
    sealed: bytes

    def __repr__(self) -> str:
        return "Pass()"


class Signer:
    """The authority of one realm's port."""

    def __init__(self, certificate_pem: bytes, key_pem: bytes) -> None:
        """Read what `make_signer` made; whoever changed these files meets the error of the library."""
        self._certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = serialization.load_pem_private_key(key_pem, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey), "an authority of ours has a key of P-256"
        self._key = key
        self.certificate_pem = certificate_pem
        self.key_pem = key_pem

    def issue_server(self, names: Sequence[str]) -> tuple[bytes, bytes]:
        """Return chain and key, PEM, of a server that clients reach by these names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([_name_host(name) for name in names])
        leaf = self._issue(key, names[0], ExtendedKeyUsageOID.SERVER_AUTH, alternatives)
        return leaf.public_bytes(_PEM) + self.certificate_pem, _format_key(key)

    def issue_pass(self, name: str, passphrase: str) -> Pass:
        """Return what the client of this name is to show."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._issue(key, name, ExtendedKeyUsageOID.CLIENT_AUTH)
        sealed = pkcs12.serialize_key_and_certificates(name.encode(), key, leaf, [self._certificate], _seal(passphrase))
        der = leaf.public_bytes(serialization.Encoding.DER)
        return Pass(der, leaf.public_bytes(_PEM) + self.certificate_pem, _format_key(key), sealed)

    def format_trust(self, passphrase: str) -> bytes:
        """Return the authority alone as PKCS #12, for a client's list of those it trusts."""
        return pkcs12.serialize_key_and_certificates(b"comity", None, None, [self._certificate], _seal(passphrase))

    def _issue(
        self,
        key: ec.EllipticCurvePrivateKey,
        name: str,
        purpose: x509.ObjectIdentifier,
        alternatives: x509.SubjectAlternativeName | None = None,
    ) -> x509.Certificate:
        builder = _start(name, self._certificate.subject, key)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(is_authority=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(issuer, critical=False).sign(self._key, hashes.SHA256())


def make_signer(name: str) -> Signer:
    """Draw a new authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _start(name, _name(name), key)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.add_extension(_usage(is_authority=True), critical=True).sign(key, hashes.SHA256())
    return Signer(certificate.public_bytes(_PEM), _format_key(key))


def read_certificate(raw: bytes) -> bytes:
    """Return the first certificate of a file of PEM or DER, as DER.

    Raises:
        UsageError: `cot.certificate` where it holds none.
    """
    try:
        if len(raw) > AUTHORITY_SIZE_BYTES_MAX * 16:
            raise ValueError  # noqa: TRY301 -- too large is one of the ways in which it is none
        is_pem = b"-----BEGIN" in raw
        read = x509.load_pem_x509_certificate(raw) if is_pem else x509.load_der_x509_certificate(raw)
        read.public_key()
        return read.public_bytes(serialization.Encoding.DER)
    except Exception as error:  # the parser raises several families for a stranger's bytes, not all documented
        raise UsageError("cot.certificate") from error


def get_fingerprint(certificate: bytes) -> str:
    """Return SHA-256 of a certificate, DER, in hex."""
    return hashlib.sha256(certificate).hexdigest()


def _start(name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(_BEGIN).not_valid_after(_END)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _name_host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _format_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _seal(passphrase: str) -> serialization.KeySerializationEncryption:
    builder = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(_ROUNDS)
    builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
    return builder.hmac_hash(hashes.SHA1()).build(passphrase.encode())  # noqa: S303 -- what clients open


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
