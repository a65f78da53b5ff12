"""Link keys, their certificates and logins."""

import datetime as dt
import hashlib

import msgspec
import nkeys  # type: ignore[import-untyped]
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import RemoteError
from comity.crypto.link import (
    LinkKeys,
    LinkPublic,
    check_link_public,
    derive_login,
    derive_part,
    format_login_public,
    format_login_seed,
    get_link_public,
    get_pin,
)
from comity.crypto.production import ProductionSuite
from comity.crypto.tls import issue_authority, issue_client_leaf, issue_server_leaf

USA, JPN, KOR = (LinkKeys(bytes([n]) * 32) for n in (1, 2, 3))
USA_PUBLIC, JPN_PUBLIC, KOR_PUBLIC = map(get_link_public, (USA, JPN, KOR))


def test_the_public_half_is_a_function_of_the_seed_and_passes_its_own_check() -> None:
    """No clock and no randomness: the same seed gives the same certificate on every machine."""
    assert get_link_public(LinkKeys(USA.seed, leaf_number=9)) == USA_PUBLIC
    assert len({USA_PUBLIC.authority, JPN_PUBLIC.authority, USA_PUBLIC.exchange, JPN_PUBLIC.exchange}) == 4
    check_link_public(USA_PUBLIC)


def test_the_pin_is_the_hash_of_the_authoritys_key() -> None:
    """SHA-256 over the SubjectPublicKeyInfo (RFC 7469, 2.4), computed here another way."""
    raw = ProductionSuite().public_of_signing(derive_part(USA, b"authority/1"))
    spki = bytes.fromhex("302a300506032b6570032100") + raw
    assert get_pin(USA_PUBLIC) == hashlib.sha256(spki).digest()


def test_both_ends_derive_one_login_and_each_pair_direction_and_account_another() -> None:
    """The caller's seed is the one that the server expects, and is good nowhere else."""
    login = derive_login(JPN, client=JPN_PUBLIC, server=USA_PUBLIC, account="jpn")
    assert login == derive_login(USA, client=JPN_PUBLIC, server=USA_PUBLIC, account="jpn")
    others = {
        derive_login(JPN, client=JPN_PUBLIC, server=KOR_PUBLIC, account="jpn"),
        derive_login(JPN, client=USA_PUBLIC, server=JPN_PUBLIC, account="jpn"),
        derive_login(JPN, client=JPN_PUBLIC, server=USA_PUBLIC, account="jpn_2"),
        derive_login(KOR, client=KOR_PUBLIC, server=USA_PUBLIC, account="jpn"),
        derive_login(USA, client=USA_PUBLIC, server=USA_PUBLIC, account="jpn"),
    }
    assert len(others) == 5
    assert login not in others


def test_logins_are_written_as_the_nkeys_library_reads_them() -> None:
    """The text form agrees with an independent implementation."""
    seed = derive_login(JPN, client=JPN_PUBLIC, server=USA_PUBLIC, account="jpn")
    pair = nkeys.from_seed(bytearray(format_login_seed(seed).encode()))
    assert pair.public_key.decode() == format_login_public(ProductionSuite().public_of_signing(seed))


def test_a_weak_exchange_key_is_refused() -> None:
    """A point of low order would make every login known to everybody."""
    for weak in (bytes(32), b"\x01" + bytes(31)):
        with pytest.raises(RemoteError, match=r"link.malformed"):
            check_link_public(LinkPublic(exchange=weak, authority=JPN_PUBLIC.authority))


def test_every_certificate_is_valid_from_1970_to_the_end_of_9999() -> None:
    """A wrong clock cuts nobody off: no clock that a machine can show is outside."""
    seed, leaf = derive_part(USA, b"authority/1"), bytes(32)
    pem = issue_server_leaf(authority_seed=seed, leaf_seed=leaf).chain_pem
    pem += issue_client_leaf(authority_seed=seed, leaf_seed=leaf, passphrase=b"x").chain_pem
    certificates = x509.load_pem_x509_certificates(pem)
    assert len(certificates) == 4
    for certificate in certificates:
        assert certificate.not_valid_before_utc == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        assert certificate.not_valid_after_utc == dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


def test_a_client_key_is_sealed_and_a_server_key_is_not() -> None:
    """Only the server cannot read a sealed key; nothing else lies in clear."""
    client = issue_client_leaf(authority_seed=bytes(32), leaf_seed=bytes(32), passphrase=b"secret")
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in client.key_pem
    assert isinstance(serialization.load_pem_private_key(client.key_pem, b"secret"), Ed25519PrivateKey)
    server = issue_server_leaf(authority_seed=bytes(32), leaf_seed=bytes(32))
    assert b"BEGIN PRIVATE KEY" in server.key_pem


def test_secrets_do_not_show() -> None:
    """Neither a log line nor a failed test prints a key."""
    assert USA.seed.hex() not in repr(USA)
    assert repr(USA.seed) not in repr(USA)
    assert "PRIVATE" not in repr(issue_server_leaf(authority_seed=bytes(32), leaf_seed=bytes(32)))


def _altered(**changes: object) -> bytes:
    """An authority as a stranger might make one, self-signed and correct but for one thing."""
    key = Ed25519PrivateKey.from_private_bytes(derive_part(USA, b"authority/1"))
    model = x509.load_der_x509_certificate(USA_PUBLIC.authority)
    builder = (
        x509.CertificateBuilder()
        .subject_name(changes.get("subject", model.subject))  # type: ignore[arg-type]
        .issuer_name(changes.get("issuer", model.issuer))  # type: ignore[arg-type]
        .public_key(key.public_key())
        .serial_number(changes.get("serial", model.serial_number))  # type: ignore[arg-type]
        .not_valid_before(changes.get("begin", model.not_valid_before_utc))  # type: ignore[arg-type]
        .not_valid_after(changes.get("end", model.not_valid_after_utc))  # type: ignore[arg-type]
    )
    for extension in model.extensions:
        if type(extension.value) is not changes.get("without"):
            builder = builder.add_extension(extension.value, extension.critical)
    for extra in changes.get("extra", ()):  # type: ignore[attr-defined]
        builder = builder.add_extension(extra, critical=False)
    return builder.sign(key, None).public_bytes(serialization.Encoding.DER)


def test_only_the_one_form_of_authority_is_accepted() -> None:
    """Whatever a stranger varies, its authority does not reach a TLS library. Unvaried, it is ours byte for byte."""
    assert _altered() == USA_PUBLIC.authority
    other = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
    variants: list[dict[str, object]] = [
        {"subject": other},
        {"issuer": other},
        {"serial": 1},
        {"begin": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)},
        {"end": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)},
        {"without": x509.BasicConstraints},
        {"without": x509.KeyUsage},
        {"extra": [x509.SubjectAlternativeName([x509.DNSName("usa.example")])]},
    ]
    for variant in variants:
        with pytest.raises(RemoteError, match=r"link.malformed"):
            check_link_public(LinkPublic(exchange=USA_PUBLIC.exchange, authority=_altered(**variant)))


def test_a_leaf_is_no_authority() -> None:
    """A party cannot announce what another party's authority signed for it."""
    pem = issue_server_leaf(authority_seed=bytes(32), leaf_seed=bytes(32)).chain_pem
    leaf = x509.load_pem_x509_certificates(pem)[0].public_bytes(serialization.Encoding.DER)
    with pytest.raises(RemoteError, match=r"link.malformed"):
        check_link_public(LinkPublic(exchange=USA_PUBLIC.exchange, authority=leaf))


@given(st.integers(0, len(issue_authority(bytes(32))) - 1), st.integers(1, 255))
def test_any_altered_byte_of_an_authority_is_refused(at: int, flip: int) -> None:
    """Refused with a code, whatever the parser makes of it."""
    authority = bytearray(issue_authority(bytes(32)))
    authority[at] ^= flip
    with pytest.raises(RemoteError):
        check_link_public(LinkPublic(exchange=USA_PUBLIC.exchange, authority=bytes(authority)))


@given(st.binary(max_size=2_000))
def test_any_bytes_are_refused_as_an_authority(raw: bytes) -> None:
    """Garbage in, the one remote error out."""
    with pytest.raises(RemoteError):
        check_link_public(LinkPublic(exchange=USA_PUBLIC.exchange, authority=raw))


def test_the_public_half_travels_as_an_array() -> None:
    """Encoded as the other formats are; too large an authority is not decoded."""
    raw = msgspec.msgpack.encode(USA_PUBLIC)
    assert msgspec.msgpack.decode(raw, type=LinkPublic) == USA_PUBLIC
    too_large = msgspec.msgpack.encode([USA_PUBLIC.exchange, bytes(1025)])
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(too_large, type=LinkPublic)
