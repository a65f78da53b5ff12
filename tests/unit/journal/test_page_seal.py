"""Entries root, paths, and ciphertexts that try to be two texts (docs/spec/sealing.md, S5 to S7)."""

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.header import EMPTY_ROOT
from comity.journal.keyring import Keyring
from comity.journal.seal import find_page_key, find_path, find_root, find_root_of_path
from kit.forgery import forge
from kit.two_faces import build_two_faced
from kit.world import World

LEAVES = [hashlib.sha256(bytes([n])).digest() for n in range(13)]


def _tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written there: split at the largest power of two below the count."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _tree_hash(leaves[:split]) + _tree_hash(leaves[split:])).digest()


@pytest.mark.parametrize("count", range(1, 14))
def test_the_root_is_that_of_rfc_6962(count: int) -> None:
    """Level by level gives the tree that the RFC defines from above."""
    assert find_root(LEAVES[:count]) == _tree_hash(LEAVES[:count])


def test_no_entries_have_the_hash_of_nothing() -> None:
    """The empty root of pages that state nothing."""
    assert find_root([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("count", range(1, 14))
def test_every_path_leads_to_the_root_and_to_no_other_place(count: int) -> None:
    """A path fits its own index; cut, lengthened, or at another index it does not."""
    root = find_root(LEAVES[:count])
    for index in range(count):
        path = find_path(LEAVES[:count], index)
        assert find_root_of_path(LEAVES[index], path, index=index, count=count) == root
        assert find_root_of_path(LEAVES[index], (*path, bytes(32)), index=index, count=count) is None
        if path:
            assert find_root_of_path(LEAVES[index], path[:-1], index=index, count=count) is None
        for other in range(count):
            if other != index:
                assert find_root_of_path(LEAVES[index], path, index=other, count=count) != root


def test_aes_gcm_does_not_commit_to_its_key() -> None:
    """Why S6 is there: one ciphertext and tag, two keys, two texts, and AES-GCM is content with both."""
    keys = (b"\x01" * 32, b"\x02" * 32)
    sealed = build_two_faced(keys, (b"WE SUPPORT......", b"WE OBJECT......."), b"place")
    opened = [AESGCM(key).decrypt(bytes(12), sealed, b"place") for key in keys]
    assert opened[0].startswith(b"WE SUPPORT")
    assert b"WE OBJECT" in opened[1]
    assert opened[0] != opened[1]


def test_a_page_that_opens_to_two_texts_is_believed_in_neither() -> None:
    """S6: the entries root is blinded by the page key, so at most one text can give it; here none does."""
    world = World(suite=ProductionSuite(), ceremony=ProductionCeremony())
    world.meet()
    usa = world.parties["USA"]
    _, said = usa.say(usa.journal("JPN"), b"\x92\xa4Said\xa5words")
    page = usa.parse(said)
    epoch_keys = (b"\x01" * 32, b"\x02" * 32)
    place = {"journal": page.journal, "number": page.header.number, "epoch": page.header.epoch}
    keys = [
        find_page_key(world.suite, epoch_key=key, salt=page.header.salt, **place)  # type: ignore[arg-type]
        for key in epoch_keys
    ]
    # An array of one entry of 45 bytes, so that the first text is well formed to its end under the first key.
    aad = b"comity/1/page-seal\x00" + encode((page.header.journal, page.header.number))
    body = build_two_faced((keys[0], keys[1]), (b"\x91\xc4\x2dWE SUPPORT...", b"WE OBJECT......."), aad)
    two_faced = usa.parse(forge(usa, said, body=body))
    for key in epoch_keys:
        keyring = Keyring("JPN", (), world.suite)
        keyring.add_epoch_key(journal=page.journal, epoch=1, key=key)
        with pytest.raises(RemoteError) as caught:
            keyring.open(two_faced)
        assert caught.value.code == "page.entries-root"


def test_entries_of_another_shape_are_not_believed(world: World) -> None:
    """S6: an opened body that is not an array of so many entries in its one form is `page.entries-root` too."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    born = jpn.raws[0]
    page = usa.parse(born)
    for body in (
        b"\x90",
        b"\x91\x01",
        encode((b"a", b"b")),
        b"\xdc\x00\x01" + page.body[1:],
        encode((bytes(48 * 1024 + 1),)),
    ):
        with pytest.raises(RemoteError, match=r"page\.entries-root"):
            jpn.keyring.open(usa.parse(forge(jpn, born, body=body)))
