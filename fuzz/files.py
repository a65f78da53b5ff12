"""Files that somebody hands over: pacts, public records, vaults, the list in a backup."""

import hashlib
from functools import cache
from importlib.resources import files
from unittest import mock

from comity.base.encoding import encode
from comity.crypto import vault
from comity.node.backup.manifest import FilePart, Manifest, StorePart, decode_manifest
from comity.pact.model import Pact
from comity.pact.parse import check_pact, parse_pact
from comity.procedure.public_record import parse_public_record
from fuzz.change import change_text
from fuzz.door import Door

__all__ = ["DOORS"]


def _find_pacts() -> list[bytes]:
    return [
        path.read_bytes()
        for path in sorted((files("comity.pact") / "profiles").iterdir(), key=str)
        if path.name.endswith(".toml")
    ]


@cache
def _find_pact() -> Pact:
    return parse_pact((files("comity.pact") / "profiles" / "camp-david.toml").read_bytes())


def _find_records() -> list[bytes]:
    return [
        path.read_bytes()
        for path in sorted((files("comity.pact") / "facts").iterdir(), key=str)
        if path.name.endswith(".toml")
    ]


def _check_pact(raw: bytes) -> None:
    """Every finding has its line and words, or there is none and the pact is read."""
    for finding in check_pact(raw):
        assert finding.line >= 0
    parse_pact(raw)


def _derive(passphrase: bytes, salt: bytes) -> bytes:
    return hashlib.sha256(passphrase + salt).digest()


def _open_vault(raw: bytes) -> None:
    """With a derivation that costs nothing: what it costs is not what is looked at."""
    with mock.patch.object(vault, "_derive", _derive):
        vault.open_vault(raw, passphrase=b"words")


def _find_vaults() -> list[bytes]:
    with mock.patch.object(vault, "_derive", _derive):
        return [vault.seal_vault({"root": bytes(64), "node": bytes(32)}, passphrase=b"words")]


def _find_manifests() -> list[bytes]:
    parts = (FilePart("identity/card", 7, bytes(32)), FilePart("realms/real/store.db", 9, bytes(32)))
    store = StorePart("realms/real/store.db", "1", 3, 0, bytes(32))
    return [encode(Manifest("JPN", 1, "0.1.0", False, parts, (store,)))]


DOORS = (
    Door("pact", _check_pact, _find_pacts, change_text, size_bytes_max=1 << 18),
    Door(
        "public-record",
        lambda raw: parse_public_record(raw, _find_pact()),
        _find_records,
        change_text,
        size_bytes_max=1 << 18,
    ),
    Door("vault", _open_vault, _find_vaults),
    Door("manifest", decode_manifest, _find_manifests),
)
