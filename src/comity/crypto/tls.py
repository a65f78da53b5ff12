"""The X.509 certificates of links: a node's own authority, and the long-lived leaves that it signs.

Pins decide, not names and not dates (docs/spec/transport.md, T12):

- Every certificate is valid from 1970 to the end of 9999, so that a wrong clock never cuts a node off. A key is
  ended by a root statement, not by a date.
- An authority is trusted on the links of the party that announced it and nowhere else. There is no public CA.
- A leaf is for one direction only: what a server shows is refused from a client, and the other way round. What the
  servers of one cluster show each other is for both, and lies on servers alone.
- Serial numbers and names come from the keys, so that a certificate is a function of its key. Names say nothing.
"""

import datetime as dt
import hashlib
import ipaddress
from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.base.errors import RemoteError
from comity.base.limits import AUTHORITY_SIZE_BYTES_MAX

__all__ = [
    "LeafPem",
    "check_authority",
    "format_authorities",
    "get_authority_pin",
    "issue_authority",
    "issue_client_leaf",
    "issue_route_leaf",
    "issue_server_leaf",
]

_BEGIN: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_END: Final = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
"""RFC 5280, 4.1.2.5: the value that means "no well-defined expiration date"."""

_SIGNATURE_SIZE: Final = 64
_PURPOSES: Final = {
    "server": [ExtendedKeyUsageOID.SERVER_AUTH],
    "client": [ExtendedKeyUsageOID.CLIENT_AUTH],
    "route": [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH],
}


class LeafPem(NamedTuple):
    """A leaf with its authority, and its private key, as TLS libraries read them."""

    chain_pem: bytes
    key_pem: bytes

    def __repr__(self) -> str:
        return "LeafPem()"


def issue_authority(seed: bytes) -> bytes:
    """Issue the self-signed authority of this Ed25519 seed, DER."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return _sign_authority(key.public_key(), key)


def issue_server_leaf(*, authority_seed: bytes, leaf_seed: bytes) -> LeafPem:
    """Issue what a server shows. Its key is written in clear, because the server reads no other form."""
    return _issue_leaf(authority_seed, leaf_seed, "server", serialization.NoEncryption())


def issue_client_leaf(*, authority_seed: bytes, leaf_seed: bytes, passphrase: bytes) -> LeafPem:
    """Issue what a client shows. Its key is sealed with a passphrase, so that it can pass through a file."""
    return _issue_leaf(authority_seed, leaf_seed, "client", serialization.BestAvailableEncryption(passphrase))


def issue_route_leaf(*, authority_seed: bytes, leaf_seed: bytes, hosts: Sequence[str]) -> LeafPem:
    """Issue what the servers of one cluster show each other, in both directions. Its key is written in clear.

    It names the hosts at which they are reached, because a server compares them; all of them, for it lies on each.
    """
    return _issue_leaf(authority_seed, leaf_seed, "route", serialization.NoEncryption(), hosts=hosts)


def get_authority_pin(authority: bytes) -> bytes:
    """Return SHA-256 of the certificate's SubjectPublicKeyInfo (RFC 7469, 2.4)."""
    return hashlib.sha256(_spki(_parse(authority).public_key())).digest()


def format_authorities(authorities: list[bytes]) -> str:
    """Format checked authorities as the one PEM file that a server reads, in the order given."""
    pem = serialization.Encoding.PEM
    return "".join(x509.load_der_x509_certificate(der).public_bytes(pem).decode() for der in authorities)


def check_authority(authority: bytes) -> None:
    """Check that the bytes are an authority as `issue_authority` makes it, self-signed by its own key.

    Everything but the key and the signature is the same in all authorities, so the bytes are compared with what this
    version would issue for that key: nothing of a stranger's invention reaches a TLS library.

    Raises:
        RemoteError: `link.malformed`.
    """
    certificate = _parse(authority)
    public = certificate.public_key()
    if not isinstance(public, Ed25519PublicKey):
        raise RemoteError("link.malformed", what="authority key", evidence=authority)
    # Signed with any key: only what was signed is compared.
    expected = _sign_authority(public, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    if authority[:-_SIGNATURE_SIZE] != expected[:-_SIGNATURE_SIZE]:
        raise RemoteError("link.malformed", what="authority form", evidence=authority)
    try:
        public.verify(authority[-_SIGNATURE_SIZE:], certificate.tbs_certificate_bytes)
    except InvalidSignature as error:
        raise RemoteError("link.malformed", what="authority signature", evidence=authority) from error


def _sign_authority(public: Ed25519PublicKey, key: Ed25519PrivateKey) -> bytes:
    name = _name_of(public, "authority")
    builder = _start(name, name, public).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(is_authority=True), critical=True)
    return builder.sign(key, None).public_bytes(serialization.Encoding.DER)


def _parse(authority: bytes) -> x509.Certificate:
    if len(authority) > AUTHORITY_SIZE_BYTES_MAX:
        raise RemoteError("bytes.too-large", size_bytes=len(authority), size_bytes_max=AUTHORITY_SIZE_BYTES_MAX)
    try:
        certificate = x509.load_der_x509_certificate(authority)
        # Parsed lazily: touched here, so that what is damaged is refused at this door.
        certificate.public_key()
    except Exception as error:  # the parser raises several families for a stranger's bytes, not all documented
        raise RemoteError("link.malformed", what="authority", evidence=authority) from error
    return certificate


def _issue_leaf(
    authority_seed: bytes,
    leaf_seed: bytes,
    role: str,
    sealing: serialization.KeySerializationEncryption,
    *,
    hosts: Sequence[str] = (),
) -> LeafPem:
    authority_key = Ed25519PrivateKey.from_private_bytes(authority_seed)
    authority = x509.load_der_x509_certificate(issue_authority(authority_seed))
    key = Ed25519PrivateKey.from_private_bytes(leaf_seed)
    builder = _start(_name_of(key.public_key(), role), authority.subject, key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(is_authority=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(_PURPOSES[role]), critical=True)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_name_host, hosts))), critical=False)
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    leaf = builder.add_extension(issuer_key, critical=False).sign(authority_key, None)
    pem = serialization.Encoding.PEM
    return LeafPem(
        leaf.public_bytes(pem) + authority.public_bytes(pem),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, sealing),
    )


def _name_host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _start(subject: x509.Name, issuer: x509.Name, public: Ed25519PublicKey) -> x509.CertificateBuilder:
    role = str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value).split(" ", 1)[0]
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    builder = builder.serial_number(_serial_of(public, role)).not_valid_before(_BEGIN).not_valid_after(_END)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)


def _name_of(public: Ed25519PublicKey, role: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"{role} {hashlib.sha256(_spki(public)).hexdigest()[:32]}")]
    )


def _serial_of(public: Ed25519PublicKey, role: str) -> int:
    # 126 bits: positive, and within the 20 octets of RFC 5280, 4.1.2.2.
    return 1 + (int.from_bytes(hashlib.sha256(role.encode() + _spki(public)).digest()[:16]) >> 2)


def _spki(public: object) -> bytes:
    assert hasattr(public, "public_bytes")
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    raw: bytes = public.public_bytes(serialization.Encoding.DER, spki)
    return raw


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
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
