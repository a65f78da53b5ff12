"""Secrets at rest."""

import secrets

import pytest

from comity.base.encoding import encode
from comity.base.errors import ComityError
from comity.crypto import vault
from comity.crypto.vault import open_vault, seal_vault

SECRETS = {"node": bytes(32), "receiving": bytes(96)}
SEALED = seal_vault(SECRETS, passphrase=b"correct horse")


def test_a_vault_opens_with_its_passphrase() -> None:
    """All named secrets come back."""
    assert open_vault(SEALED, passphrase=b"correct horse") == SECRETS


def test_no_secret_stands_in_the_file_and_no_file_is_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new salt and nonce each time; the names are sealed too."""
    monkeypatch.setattr(vault, "secrets", secrets)
    assert b"receiving" not in SEALED
    one, other = (vault._FORM.decode(seal_vault(SECRETS, passphrase=b"correct horse")) for _ in range(2))
    assert one.salt != other.salt
    assert one.nonce != other.nonce


@pytest.mark.parametrize(
    ("raw", "passphrase", "code"),
    [
        (SEALED, b"wrong horse", "vault.passphrase"),
        (SEALED[:-1] + bytes([SEALED[-1] ^ 1]), b"correct horse", "vault.passphrase"),
        (SEALED[:-1], b"correct horse", "vault.malformed"),
        (b"", b"correct horse", "vault.malformed"),
        (SEALED.replace(b"vault-1", b"vault-2"), b"correct horse", "vault.malformed"),
    ],
    ids=["passphrase", "sealed-byte", "cut", "empty", "format"],
)
def test_what_is_wrong_with_a_vault_is_told_by_code(raw: bytes, passphrase: bytes, code: str) -> None:
    """A wrong passphrase and a flipped sealed byte can't be told apart; a damaged form can."""
    with pytest.raises(ComityError) as caught:
        open_vault(raw, passphrase=passphrase)
    assert caught.value.code == code


def test_a_vault_whose_content_is_not_secrets_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens, and what comes out is something else."""
    monkeypatch.setattr(
        "comity.crypto.vault.encode", lambda value: encode(value) if not isinstance(value, tuple) else b"\x07"
    )
    wrong = seal_vault(SECRETS, passphrase=b"p")
    monkeypatch.undo()
    with pytest.raises(ComityError, match=r"vault\.malformed"):
        open_vault(wrong, passphrase=b"p")
