"""Showing one entry of a page and nothing else (docs/spec/sealing.md, S7)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.limits import BULK_PAGE_SIZE_BYTES_MAX
from comity.journal.disclosure import check_disclosure, disclose
from kit.forgery import forge, genesis_of
from kit.world import World

ENTRIES = tuple(encode(("Said", f"sentence {n}")) for n in range(5))


def _disclosed(world: World, index: int = 2) -> tuple[bytes, tuple[bytes, ...]]:
    usa = world.parties["USA"]
    said = usa.say(usa.journal("JPN"), *ENTRIES)[-1]
    key = usa.epochs[usa.parse(said).journal][1]
    return disclose(usa.parse(said), index=index, epoch_key=key, suite=world.suite), _node_keys(world)


def _node_keys(world: World) -> tuple[bytes, ...]:
    return world.parties["KOR"].ledger.trust.find_node_keys("USA")


@pytest.mark.parametrize("index", range(5))
def test_an_outsider_checks_one_entry(index: int, world: World) -> None:
    """KOR, who may not read the page, is shown one sentence and can believe it is USA's."""
    raw, keys = _disclosed(world, index)
    header, entry = check_disclosure(raw, node_keys=keys, suite=world.suite)
    assert entry == ENTRIES[index]
    assert (header.journal.author, header.journal.audience) == ("USA", ("JPN", "USA"))


def test_nothing_of_the_other_entries_is_shown(world: World) -> None:
    """Neither their words nor their blinds, so that no guess at a word can be checked."""
    raw, _ = _disclosed(world, 2)
    assert [entry in raw for entry in ENTRIES] == [False, False, True, False, False]


def test_an_entry_of_an_open_page_is_disclosed_without_a_key(world: World) -> None:
    """Its page key is the salt (S5)."""
    usa = world.parties["USA"]
    raw = disclose(usa.parse(genesis_of(usa)), index=0, epoch_key=b"", suite=world.suite)
    _, entry = check_disclosure(raw, node_keys=_node_keys(world), suite=world.suite)
    assert entry == b"\x92\xa4Born\xa0"


Fields = list[Any]
CHANGES: dict[str, tuple[Callable[[Fields], Fields], str]] = {
    "entry": (lambda f: [*f[:3], ENTRIES[3], *f[4:]], "disclosure.entries-root"),
    "index": (lambda f: [f[0], f[1], 3, *f[3:]], "disclosure.entries-root"),
    "blind": (lambda f: [*f[:4], bytes(32), f[5]], "disclosure.entries-root"),
    "path": (lambda f: [*f[:5], [bytes(32), *f[5][1:]]], "disclosure.entries-root"),
    "path cut": (lambda f: [*f[:5], f[5][:-1]], "disclosure.entries-root"),
    "path longer": (lambda f: [*f[:5], [*f[5], bytes(32)]], "disclosure.entries-root"),
    "signature": (lambda f: [f[0], bytes(64), *f[2:]], "disclosure.signature"),
    "header": (lambda f: [f[0][:-1] + b"\x91", *f[1:]], "disclosure.malformed"),
    "index beyond the page": (lambda f: [f[0], f[1], 5, *f[3:]], "disclosure.malformed"),
    "index beyond any page": (lambda f: [f[0], f[1], 4096, *f[3:]], "disclosure.malformed"),
    "path beyond any page": (lambda f: [*f[:5], [bytes(32)] * 13], "disclosure.malformed"),
    "entry beyond any page": (lambda f: [*f[:3], bytes(48 * 1024 + 1), *f[4:]], "disclosure.malformed"),
    "field missing": (lambda f: f[:5], "disclosure.malformed"),
    "newer header": (lambda f: [b"\x92\x02\x01", *f[1:]], "page.format-unknown"),
    "long header": (lambda f: [f[0][:1] + b"\xcc\x01" + f[0][2:], *f[1:]], "bytes.not-canonical"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_disclosure_has_its_code(case: str, world: World) -> None:
    """Whatever its giver altered, it is not believed."""
    raw, keys = _disclosed(world)
    change, code = CHANGES[case]
    changed = encode(change(msgspec.msgpack.decode(raw)))
    with pytest.raises(RemoteError) as caught:
        check_disclosure(changed, node_keys=keys, suite=world.suite)
    assert caught.value.code == code


def test_a_strangers_key_vouches_for_nothing(world: World) -> None:
    """The caller names the keys that the author's root certified; with none there is nobody to believe."""
    raw, _ = _disclosed(world)
    others = world.parties["USA"].ledger.trust.find_node_keys("KOR")
    for keys in ((), others):
        with pytest.raises(RemoteError, match=r"disclosure\.signature"):
            check_disclosure(raw, node_keys=keys, suite=world.suite)


def test_a_page_that_states_nothing_discloses_nothing(world: World) -> None:
    """A key page has no entries; a header that breaks its kind is no page's."""
    usa = world.parties["USA"]
    keys = usa.parse(usa.say(usa.journal("JPN"), ENTRIES[0])[0])
    raw = encode((keys.header_raw, keys.signature, 0, b"", bytes(32), ()))
    with pytest.raises(RemoteError, match=r"disclosure\.malformed"):
        check_disclosure(raw, node_keys=_node_keys(world), suite=world.suite)
    header = encode(msgspec.structs.replace(keys.header, entry_count=1))
    with pytest.raises(RemoteError, match=r"disclosure\.malformed"):
        check_disclosure(
            encode((header, keys.signature, 0, b"", bytes(32), ())), node_keys=_node_keys(world), suite=world.suite
        )


def test_a_disclosure_is_bounded(world: World) -> None:
    """Parsing allocates no more than a page would."""
    with pytest.raises(RemoteError, match=r"bytes\.too-large"):
        check_disclosure(bytes(BULK_PAGE_SIZE_BYTES_MAX + 1), node_keys=(), suite=world.suite)


def test_a_lie_in_the_page_cannot_be_disclosed(world: World) -> None:
    """Who opens the page for a disclosure checks its root first."""
    usa = world.parties["USA"]
    said = usa.say(usa.journal("JPN"), *ENTRIES)[-1]
    page = usa.parse(forge(usa, said, entries_root=bytes(32)))
    with pytest.raises(RemoteError, match=r"page\.entries-root"):
        disclose(page, index=0, epoch_key=usa.epochs[page.journal][1], suite=world.suite)
