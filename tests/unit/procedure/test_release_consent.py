"""A detached consent: what is signed, who is believed, and how long it runs (docs/spec/release.md, R25)."""

from collections.abc import Sequence

import msgspec
import pytest

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.consent import SignedConsent, check_consent, is_running, make_consent_check
from kit.releasing import LINEAGE, NOW, REALM, SEEDS, SUITE, consent, consent_check, keys_of, signed

OTHER_KEY = SUITE.public_of_signing(SEEDS["USA"])


def refused(given: SignedConsent, *, lineage: bytes = LINEAGE, realm: str = REALM) -> RemoteError:
    """With what the check of a consent is refused."""
    with pytest.raises(RemoteError) as caught:
        check_consent(SUITE, given, keys_of=keys_of, lineage=lineage, realm=realm)
    return caught.value


def test_an_authentic_consent_is_returned() -> None:
    """By the check and by the one that folds use."""
    given = signed(consent())
    assert check_consent(SUITE, given, keys_of=keys_of, lineage=LINEAGE, realm=REALM) == consent()
    assert consent_check()(given) == consent()


def test_each_refusal_has_its_code_and_its_evidence() -> None:
    """Another pact, another realm, another signer, bytes that are no consent; a fold takes each for none."""
    given, forged = signed(consent()), signed(consent(), by="KOR")
    for error, code, raw in (
        (refused(given, lineage=bytes(32)), "consent.other-pact", given.consent),
        (refused(given, realm="real"), "consent.other-pact", given.consent),
        (refused(forged), "consent.signature", given.consent),
        (refused(SignedConsent(b"\x90", bytes(64))), "consent.malformed", b"\x90"),
    ):
        assert (error.code, error.evidence) == (code, raw)
    assert consent_check()(forged) is None
    assert consent_check()(SignedConsent(b"\x90", bytes(64))) is None
    assert make_consent_check(SUITE, keys_of=keys_of, lineage=bytes(32), realm=REALM)(given) is None


def test_what_is_signed_is_named() -> None:
    """A signature over the bare bytes, or over them under another name, is none: the label is part of the format."""
    raw = encode(consent())
    for named in (b"", b"comity/1/page\x00"):
        signature = SUITE.sign(secret=SEEDS["JPN"], message=named + raw)
        assert refused(SignedConsent(raw, signature)).code == "consent.signature"
    signature = SUITE.sign(secret=SEEDS["JPN"], message=b"comity/1/consent\x00" + raw)
    assert signed(consent()) == SignedConsent(raw, signature)


def test_any_one_of_the_keys_of_the_originator_will_do() -> None:
    """A party may have several nodes; and of a party without a key nothing is believed."""
    given = signed(consent())
    (own,) = keys_of("JPN")
    for keys in ((own, OTHER_KEY), (OTHER_KEY, own)):
        found = check_consent(SUITE, given, keys_of=lambda _, keys=keys: keys, lineage=LINEAGE, realm=REALM)  # type: ignore[misc]
        assert found == consent()
    with pytest.raises(RemoteError):
        check_consent(SUITE, given, keys_of=lambda _: (), lineage=LINEAGE, realm=REALM)


def test_what_was_checked_is_asked_again_when_the_keys_change() -> None:
    """What is kept of a check is kept for the keys that it was made with: a key that is replaced revives nothing."""
    keys: list[bytes] = [OTHER_KEY]

    def find_keys(party: Party) -> Sequence[bytes]:
        assert party == "JPN"
        return keys

    check = make_consent_check(SUITE, keys_of=find_keys, lineage=LINEAGE, realm=REALM)
    given = signed(consent())
    assert check(given) is None
    keys[:] = keys_of("JPN")
    assert check(given) == consent()
    keys[:] = [OTHER_KEY]
    assert check(given) is None


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_has_one_size(size: int) -> None:
    """Anything shorter or longer is malformed before it is looked at."""
    with pytest.raises(RemoteError):
        Decoder(SignedConsent, size_max=1000).decode(msgspec.msgpack.encode((b"", bytes(size))))
    assert Decoder(SignedConsent, size_max=1000).decode(msgspec.msgpack.encode((b"", bytes(64)))).consent == b""


def test_a_consent_runs_until_just_before_the_earlier_of_two_ends() -> None:
    """Its own and that of the pact; given in the future by its author's clock, it runs already."""
    day = 86_400_000
    own = consent(given_at=NOW, expires_at=NOW + 1000)
    assert is_running(own, as_of=Instant(NOW + 999), valid_ms_max=day)
    assert not is_running(own, as_of=Instant(NOW + 1000), valid_ms_max=day)
    long = consent(given_at=NOW, expires_at=NOW + 3 * day)
    assert is_running(long, as_of=Instant(NOW + day - 1), valid_ms_max=day)
    assert not is_running(long, as_of=Instant(NOW + day), valid_ms_max=day)
    assert is_running(long, as_of=Instant(NOW - 5), valid_ms_max=day) is True
