"""Key pages and what one reader can open (docs/spec/sealing.md, S4, S5, S6, S9)."""

import msgspec
import pytest

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.journal.header import Kind
from comity.journal.keypage import KeyBody, Wrap, find_commitment, find_wrap_info, split_wraps
from comity.journal.keyring import Keyring
from comity.journal.writer import wrap_epoch_key
from comity.rehearsal.standin import StandInCeremony
from kit.forgery import forge, restore, take_all
from kit.world import Member, World

WORDS = b"\x92\xa4Said\xa5words"


def _said(world: World) -> tuple[bytes, bytes]:
    usa = world.parties["USA"]
    keys, said = usa.say(usa.journal("JPN"), WORDS)
    return keys, said


def _key_body(member: Member, raw: bytes) -> KeyBody:
    return msgspec.msgpack.decode(member.parse(raw).body, type=KeyBody)


def _with_wraps(usa: Member, keys: bytes, *wraps: Wrap) -> bytes:
    return forge(usa, keys, body=encode(msgspec.structs.replace(_key_body(usa, keys), wraps=wraps)))


def _code(keyring: Keyring, member: Member, raw: bytes) -> str:
    with pytest.raises(RemoteError) as caught:
        keyring.learn(member.parse(raw))
    return caught.value.code


def test_a_reader_learns_the_key_once(world: World) -> None:
    """The second copy of a wrap is no news."""
    jpn = world.parties["JPN"]
    keys, said = _said(world)
    jpn.take(keys)
    assert not jpn.keyring.learn(jpn.parse(keys))
    assert jpn.keyring.open(jpn.parse(said)).entries == (WORDS,)


def test_the_offline_recovery_key_opens_what_a_lost_machine_could(world: World) -> None:
    """S9: every reader gets two wraps."""
    jpn = world.parties["JPN"]
    keys, said = _said(world)
    recovered = Keyring("JPN", (jpn.recovery,), world.suite)
    assert recovered.learn(jpn.parse(keys))
    assert recovered.open(jpn.parse(said)).entries == (WORDS,)


def test_without_a_wrap_for_us_there_is_no_key(world: World) -> None:
    """The page is kept and the key asked for again; that is no fault of anyone's."""
    jpn = world.parties["JPN"]
    keys, said = _said(world)
    stranger = Keyring("JPN", (world.ceremony.generate_receiving(),), world.suite)
    assert not stranger.learn(jpn.parse(keys))
    assert stranger.find_epoch_key(journal=jpn.parse(said).journal, epoch=1) is None
    with pytest.raises(RemoteError, match=r"page\.no-key"):
        stranger.open(jpn.parse(said))


def test_a_wrap_for_another_party_under_our_key_is_not_ours(world: World) -> None:
    """The party's name is bound into the wrap; it must not be tried under another."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, _ = _said(world)
    wraps = [msgspec.structs.replace(wrap, party="USA") for wrap in _key_body(usa, keys).wraps]
    assert not jpn.keyring.learn(jpn.parse(_with_wraps(usa, keys, *wraps)))


def test_a_wrap_that_does_not_open_is_evidence(world: World) -> None:
    """`key.not-unwrapped`, with the page."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, _ = _said(world)
    wraps = [
        msgspec.structs.replace(wrap, wrapped=wrap.wrapped[:-1] + bytes([wrap.wrapped[-1] ^ 1]))
        for wrap in _key_body(usa, keys).wraps
    ]
    assert _code(jpn.keyring, jpn, _with_wraps(usa, keys, *wraps)) == "key.not-unwrapped"


def test_another_key_than_the_one_committed_to_is_evidence(world: World) -> None:
    """`key.commitment`: its author gave different keys to different readers."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, _ = _said(world)
    body, journal = _key_body(usa, keys), usa.journal("JPN")
    info = find_wrap_info(journal=journal, epoch=1, commitment=body.commitment, party="JPN")
    public = world.suite.public_of_receiving(jpn.secrets.receiving)
    wrapped = world.ceremony.wrap(public=public, plaintext=bytes(32), info=info)
    own = next(wrap for wrap in body.wraps if wrap.party == "JPN")
    assert _code(jpn.keyring, jpn, _with_wraps(usa, keys, msgspec.structs.replace(own, wrapped=wrapped))) == (
        "key.commitment"
    )


def test_one_good_wrap_is_enough(world: World) -> None:
    """A bad wrap before it takes nothing from a reader; only if none is good is it evidence."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, _ = _said(world)
    first, second = (wrap for wrap in _key_body(usa, keys).wraps if wrap.party == "JPN")
    bad = msgspec.structs.replace(first, wrapped=bytes(len(first.wrapped)))
    assert jpn.keyring.learn(jpn.parse(_with_wraps(usa, keys, bad, second)))


def test_both_branches_of_a_liar_open_in_any_order(world: World) -> None:
    """Each branch may have a key of its own for one epoch; which came first decides nothing."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    born = list(usa.raws)
    left = _said(world)
    right = tuple(restore(usa, born).say(usa.journal("JPN"), WORDS))
    for pages in ((*left, *right), (*right, *left)):
        reader = restore(jpn, born)
        assert take_all(reader, list(pages)) == ["accepted"] * 4
        assert [reader.keyring.open(reader.parse(raw)).entries for raw in (left[1], right[1])] == [(WORDS,)] * 2


def test_only_the_key_that_the_pages_own_chain_committed_to_is_tried(world: World) -> None:
    """S5: with another branch's key at hand the page still waits for its own."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    born = list(usa.raws)
    keys, said = _said(world)
    other, _ = restore(usa, born).say(usa.journal("JPN"), WORDS)
    jpn.take(other)
    own = _key_body(usa, keys).commitment
    with pytest.raises(RemoteError, match=r"page\.no-key"):
        jpn.keyring.open(jpn.parse(said), commitment=own)
    with pytest.raises(RemoteError, match=r"page\.not-opened"):
        jpn.keyring.open(jpn.parse(said))
    jpn.keyring.learn(jpn.parse(keys))
    assert jpn.keyring.open(jpn.parse(said), commitment=own).entries == (WORDS,)


def test_the_body_must_open_under_the_epochs_key(world: World) -> None:
    """`page.not-opened` says the key or the bytes are wrong, `page.entries-root` that the author sealed a lie."""
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys, said = _said(world)
    jpn.take(keys)
    body = usa.parse(said).body
    flipped = forge(usa, said, body=bytes([body[0] ^ 1]) + body[1:])
    with pytest.raises(RemoteError, match=r"page\.not-opened"):
        jpn.keyring.open(jpn.parse(flipped))
    lied = forge(usa, said, entries_root=bytes(32))
    with pytest.raises(RemoteError, match=r"page\.entries-root"):
        jpn.keyring.open(jpn.parse(lied))
    counted = forge(usa, said, entry_count=2)
    with pytest.raises(RemoteError, match=r"page\.entries-root"):
        jpn.keyring.open(jpn.parse(counted))


def test_an_open_page_needs_no_key(world: World) -> None:
    """Genesis is unsealed: certificates must be readable before there are keys."""
    jpn = world.parties["JPN"]
    page = jpn.parse(jpn.raws[0])
    assert page.header.kind is Kind.OPEN
    opened = Keyring("JPN", (), world.suite).open(page)
    assert opened.entries == (b"\x92\xa4Born\xa0",)
    with pytest.raises(RemoteError, match=r"page\.entries-root"):
        jpn.keyring.open(jpn.parse(forge(jpn, jpn.raws[0], body=b"words")))


def test_a_key_commits_to_journal_and_epoch(world: World) -> None:
    """S4: one key in two places is two commitments."""
    suite = world.suite
    key, journal, other = bytes(32), world.parties["USA"].parse(_said(world)[0]).journal, bytes(32)
    commitments = {
        find_commitment(suite, journal=journal, epoch=1, key=key),
        find_commitment(suite, journal=journal, epoch=2, key=key),
        find_commitment(suite, journal=other, epoch=1, key=key),  # type: ignore[arg-type]
    }
    assert len(commitments) == 3


def test_wraps_are_split_over_as_many_pages_as_they_need(world: World) -> None:
    """Forty readers, eighty wraps, three pages of a record journal; each page says its part."""
    usa = world.parties["USA"]
    certificate = usa.ledger.trust.find_newest("USA")
    assert certificate is not None
    journal = usa.journal("JPN")
    commitment, wraps = wrap_epoch_key(
        journal=journal,
        epoch=1,
        key=bytes(32),
        readers=[certificate] * 40,
        suite=world.suite,
        ceremony=world.ceremony,
    )
    bodies = split_wraps(epoch=1, commitment=commitment, wraps=wraps)
    decoded = [msgspec.msgpack.decode(body, type=KeyBody) for body in bodies]
    assert [(body.part, body.parts, len(body.wraps)) for body in decoded] == [(0, 3, 32), (1, 3, 32), (2, 3, 16)]
    assert all(len(body) < 48 * 1024 for body in bodies)
    assert msgspec.msgpack.decode(split_wraps(epoch=1, commitment=commitment, wraps=())[0], type=KeyBody).wraps == ()


class _Picky(StandInCeremony):
    """Refuses one receiving key, as production refuses one whose coefficients are not reduced."""

    def wrap(self, *, public: bytes, plaintext: bytes, info: bytes) -> bytes:
        if public == bytes(1216):
            raise RemoteError("key.malformed")
        return super().wrap(public=public, plaintext=plaintext, info=info)


def test_a_certified_key_that_is_none_costs_its_owner_alone(world: World) -> None:
    """Nobody can keep an author from writing to the others by certifying a bad receiving key (law 6)."""
    usa = world.parties["USA"]
    good = usa.ledger.trust.find_newest("JPN")
    assert good is not None
    bad = msgspec.structs.replace(good, party="KOR", receiving_key=bytes(1216))
    _, wraps = wrap_epoch_key(
        journal=usa.journal("JPN", "KOR"),
        epoch=1,
        key=bytes(32),
        readers=[good, bad],
        suite=world.suite,
        ceremony=_Picky(b"picky"),
    )
    assert [wrap.party for wrap in wraps] == ["JPN", "JPN", "KOR"]
