"""What a node keeps of items: what was destroyed is not taken in again, and comes back with an older disk alone."""

from comity.base.names import Digest
from comity.rehearsal.cabinet import Cabinet, Kept

BLOB = Digest(b"b" * 32)
OTHER = Digest(b"o" * 32)
KEPT = Kept(b"sealed", {"JPN": b"wrap", "KOR": b"other wrap"})


def test_what_is_destroyed_is_gone_with_its_keys_and_is_not_taken_in_again() -> None:
    """Blob and wraps go in one write; another that brings them is in vain."""
    cabinet = Cabinet()
    cabinet.keep(BLOB, KEPT, page_count=1)
    cabinet.keep(OTHER, KEPT, page_count=1)
    cabinet.erase([BLOB], page_count=2)
    cabinet.keep(BLOB, KEPT, page_count=3)
    assert cabinet.find(BLOB, "JPN") is None
    assert not cabinet.has_any_of(BLOB)
    assert cabinet.find(OTHER, "KOR") == Kept(b"sealed", {"KOR": b"other wrap"})


def test_it_comes_up_as_old_as_the_pages_beside_it() -> None:
    """An older disk holds again what was destroyed since; whoever looks from outside still knows what it ever held."""
    cabinet = Cabinet()
    cabinet.keep(BLOB, KEPT, page_count=4)
    cabinet.erase([BLOB], page_count=6)
    cabinet.keep(OTHER, KEPT, page_count=7)
    cabinet.fall_back(5)
    assert cabinet.find(BLOB, "JPN") is not None
    assert not cabinet.has_any_of(OTHER)
    assert cabinet.is_restored
    assert set(cabinet.ever) == {BLOB, OTHER}
    cabinet.fall_back(3)
    assert not cabinet.has_any_of(BLOB)
