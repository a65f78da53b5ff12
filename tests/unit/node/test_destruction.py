"""Destroyed means that blob and key are gone, and stays so: from every file of the store, from backups put back."""

import pytest

from comity.base.errors import ComityError, OutageError, UsageError
from comity.base.names import Digest, Party
from comity.node.destruction import Deciders
from comity.procedure.entry import Marking
from comity.procedure.item import Portion
from comity.procedure.recall import ItemDestroyed
from comity.procedure.sharing import ItemShared, PassedOn
from kit.nodes import Nodes, play
from kit.patience import until

OFFICER = Deciders("watch-officer", ("duty-1",))
CANARY = b"Estimated apogee over 6,000 km."


def portion(text: bytes = CANARY) -> Portion:
    """One portion of Japan's."""
    return Portion(Marking("JPN", "JPN", "JPN-HI", ("dprk-missile",), ()), "text/plain", "en", text)


async def share(nodes: Nodes, *to: Party, text: bytes = CANARY) -> Digest:
    """Japan gives an item, and it is here at everybody."""
    audience = tuple(sorted({"JPN", *to}))
    item = await nodes.items("JPN").share([portion(text)], audience=audience, at=nodes["JPN"].now())
    for party in to:
        await until(lambda party=party: find_blob(nodes, party, item) is not None)  # type: ignore[misc]
    return item


def find_giving(nodes: Nodes, party: Party, item: bytes) -> ItemShared | PassedOn | None:
    """What gave it."""
    rows = (row.entry for row in nodes[party].shelf.find_givings())
    return next((row for row in rows if isinstance(row, ItemShared | PassedOn) and row.item == item), None)


def find_blob(nodes: Nodes, party: Party, item: bytes) -> bytes | None:
    """The sealed blob in a party's store."""
    giving = find_giving(nodes, party, item)
    return None if giving is None else nodes[party].store.find_blob(giving.blob)


def is_on_disk(nodes: Nodes, party: Party, needle: bytes) -> bool:
    """Whether these bytes stand anywhere in the files beside a party's store."""
    folder = nodes.accepted[party].path
    return any(needle in path.read_bytes() for path in folder.glob("store.db*"))


def find_certificates(nodes: Nodes, party: Party) -> list[ItemDestroyed]:
    """Those that a party can read."""
    return [row.entry for row in nodes[party].machine.statements.find(ItemDestroyed)
            if isinstance(row.entry, ItemDestroyed)]  # fmt: skip


def test_what_is_destroyed_is_in_no_file_of_the_store_and_is_not_fetched_again(nodes: Nodes) -> None:
    """Blob and wraps leave every file, the giver reads the certificate, and nothing brings them back."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item, kept = await share(nodes, "KOR"), await share(nodes, "KOR", text=b"another item")
        blob, giving = find_blob(nodes, "KOR", item), find_giving(nodes, "KOR", item)
        assert blob is not None
        assert giving is not None
        needles = (blob[200:264], *nodes["KOR"].store.find_wraps(giving.blob, "KOR"))
        assert all(is_on_disk(nodes, "KOR", needle) for needle in needles)
        told = await nodes["KOR"].custody.destruction.destroy(item, by=OFFICER)
        assert list(told) == [("JPN", "KOR")]
        assert not any(is_on_disk(nodes, "KOR", needle) for needle in needles)
        # Whether the library was built to overwrite what is deleted or not.
        assert nodes["KOR"].store._file.db.execute("PRAGMA secure_delete").fetchone() == (1,)
        await nodes.reaches(told["JPN", "KOR"], "JPN")
        (certificate,) = find_certificates(nodes, "JPN")
        assert (certificate.item, certificate.blobs, certificate.role) == (item, (giving.blob,), "watch-officer")
        with pytest.raises(UsageError, match=r"item\.destroyed\]"):
            nodes.items("KOR").open(item)
        with pytest.raises(UsageError, match=r"item\.destroyed-already\]"):
            await nodes["KOR"].custody.destruction.destroy(item, by=OFFICER)
        found = nodes["JPN"].shelf.answer(giving.blob, "KOR")
        assert found is not None, "Japan keeps its own copy"
        nodes["KOR"].shelf.keep(Digest(giving.blob), found[0], {"KOR": found[1]})
        assert giving.blob not in [blob_id for _, blob_id in nodes["KOR"].shelf.find_wanted()]
        assert nodes["KOR"].store.find_blob(giving.blob) is None
        assert nodes["KOR"].shelf.answer(giving.blob, "JPN") is None
        read, _ = nodes.items("KOR").open(kept)
        assert read.portions[0][1].content == b"another item"

    play(nodes, scene)


def test_an_originator_destroys_its_own_copy_and_those_given_keep_theirs(nodes: Nodes) -> None:
    """Each audience is told, and nobody can delete another's copy."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await share(nodes, "KOR")
        await nodes["JPN"].custody.destruction.destroy(item, by=OFFICER)
        with pytest.raises(UsageError, match=r"item\.destroyed\]"):
            nodes.items("JPN").open(item)
        assert nodes.items("KOR").open(item)[0].portions[0][1].content == CANARY
        with pytest.raises(UsageError, match=r"item\.not-here"):
            await nodes["USA"].custody.destruction.destroy(item, by=OFFICER)

    play(nodes, scene)


def test_a_store_put_back_from_an_older_backup_destroys_again_before_anything_is_opened(nodes: Nodes) -> None:
    """The certificate is with its readers: until they have answered the item is not opened, and then it is erased."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await share(nodes, "KOR")
        blob = find_blob(nodes, "KOR", item)
        assert blob is not None
        await nodes.stop("KOR")
        older = nodes.keep_copy("KOR")
        await nodes.start("KOR")
        await until(lambda: not nodes["KOR"].machine.find_closed())
        told = await nodes["KOR"].custody.destruction.destroy(item, by=OFFICER)
        await nodes.reaches(told["JPN", "KOR"], "JPN")
        await nodes.stop("KOR")
        nodes.put_back("KOR", older)
        nodes.set_cut("KOR", "JPN", is_cut=True)
        nodes.set_cut("KOR", "USA", is_cut=True)
        await nodes.start("KOR")
        assert nodes["KOR"].store.find_blob(_get_blob(nodes, item)) is not None
        with pytest.raises(OutageError, match=r"item\.reckoning"):
            nodes.items("KOR").open(item)
        sweep, destruction = nodes["KOR"].custody.destruction.sweep, nodes["KOR"].custody.destruction
        destruction.sweep = lambda: None  # type: ignore[method-assign]
        nodes.set_cut("KOR", "JPN", is_cut=False)
        nodes.set_cut("KOR", "USA", is_cut=False)
        # The certificate is enough, before anything is erased again.
        await until(lambda: bool(find_certificates(nodes, "KOR")))
        assert nodes["KOR"].store.find_blob(_get_blob(nodes, item)) is not None
        with pytest.raises(UsageError, match=r"item\.destroyed\]"):
            nodes.items("KOR").open(item)
        destruction.sweep = sweep  # type: ignore[method-assign]
        await until(lambda: not is_on_disk(nodes, "KOR", blob[200:264]))
        with pytest.raises(UsageError, match=r"item\.destroyed\]"):
            nodes.items("KOR").open(item)

    play(nodes, scene)


def _get_blob(nodes: Nodes, item: Digest) -> bytes:
    giving = find_giving(nodes, "JPN", item)
    assert giving is not None
    return giving.blob


def test_a_destruction_that_was_begun_is_signed_for_at_the_next_start(nodes: Nodes) -> None:
    """A node that ends between the two steps has nothing left of the item, and says so when it is there again."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        item = await share(nodes, "KOR")

        async def fail(*_: object, **__: object) -> tuple[Digest, ...]:
            raise OutageError("node.stopping")

        nodes["KOR"].say = fail  # type: ignore[method-assign]
        with pytest.raises(ComityError, match=r"node\.stopping"):
            await nodes["KOR"].custody.destruction.destroy(item, by=OFFICER)
        assert find_blob(nodes, "KOR", item) is None
        with pytest.raises(UsageError, match=r"item\.destroyed\]"):
            nodes.items("KOR").open(item)
        await nodes.stop("KOR")
        assert find_certificates(nodes, "JPN") == []
        await nodes.start("KOR")
        await until(lambda: len(find_certificates(nodes, "JPN")) == 1)
        await until(lambda: nodes["KOR"].store.find_marks("destroying/") == ())

    play(nodes, scene)
