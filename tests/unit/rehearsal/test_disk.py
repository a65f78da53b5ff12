"""A disk that can lose what it has not written."""

from comity.base.instants import Instant
from comity.journal.header import Page, parse_page
from comity.machine.effect import Commit
from comity.rehearsal.broken import ForgetfulDisk
from comity.rehearsal.cast import make_cast, read_profile
from comity.rehearsal.chance import split
from comity.rehearsal.disk import Disk
from comity.rehearsal.standin import StandInSuite


def _page() -> Page:
    cast = make_cast(read_profile("camp-david"), not_before_at=Instant(1_702_855_440_000))
    return parse_page(cast.stray, StandInSuite())


def _disk(kind: type[Disk] = Disk) -> Disk:
    return kind(split(1, "disk"), 10)


def test_commits_become_durable_one_after_another() -> None:
    """The second is never durable before the first, however short its own write."""
    disk = _disk()
    first, second = Commit(1, (_page(),)), Commit(2, ())
    first_at = disk.begin(first, 1000)
    assert disk.begin(second, 1000) > first_at > 1000
    assert disk.finish(first) == (_page(),)
    assert disk.holds(_page().digest)


def test_a_crash_loses_what_is_not_durable_and_nothing_else() -> None:
    """What was finished stays; what was under way is gone and counted."""
    disk = _disk()
    done, lost = Commit(1, (_page(),)), Commit(2, ())
    disk.begin(done, 0)
    disk.finish(done)
    disk.begin(lost, 0)
    assert disk.crash() == 1
    assert disk.pages == [_page()]


def test_a_page_is_kept_once() -> None:
    """A page that waited for another is committed twice, and is new only the first time."""
    disk = _disk()
    for number in (1, 2):
        commit = Commit(number, (_page(),))
        disk.begin(commit, 0)
        assert disk.finish(commit) == ((_page(),) if number == 1 else ())
    assert disk.pages == [_page()]


def test_a_stalled_disk_writes_later() -> None:
    """Nothing is lost by a stall."""
    disk = _disk()
    disk.stalled_until = 5000
    assert disk.begin(Commit(1, ()), 1000) > 5000


def test_the_canarys_disk_forgets_what_the_honest_one_keeps() -> None:
    """The break is in the canary's class and nowhere else."""
    for kind, is_kept in ((Disk, True), (ForgetfulDisk, False)):
        disk = _disk(kind)
        commit = Commit(1, (_page(),))
        disk.begin(commit, 0)
        disk.finish(commit)
        disk.crash()
        assert disk.holds(_page().digest) is is_kept


def test_a_full_disk_takes_nothing_until_there_is_room() -> None:
    """The commit waits; nothing that was durable is touched."""
    disk = _disk()
    disk.full_until = 7000
    assert disk.begin(Commit(1, (_page(),)), 1000) > 7000


def test_power_lost_within_a_write_leaves_a_torn_tail_that_is_no_page() -> None:
    """What was written of the commit stays on the disk, ends in the middle, and is never read as a page."""
    disk = _disk()
    commit = Commit(1, (_page(),))
    takes_ms = 0
    while takes_ms < 2:
        takes_ms = disk.begin(commit, 1000) - 1000
        if takes_ms < 2:
            disk.crash()
    assert disk.crash(1000 + takes_ms - 1) == 1
    assert len(disk.torn) == 1
    assert len(disk.torn[0]) < len(_page().raw)
    assert disk.pages == []


def test_a_rotten_page_is_set_aside_when_the_store_is_read_and_is_written_again_when_it_comes() -> None:
    """The digest beside the row tells; the damaged bytes are kept as evidence."""
    disk = _disk()
    commit = Commit(1, (_page(),))
    disk.begin(commit, 0)
    disk.finish(commit)
    assert disk.set_aside() == ()
    disk.rot(0)
    damaged = disk.pages[0]
    assert damaged.raw != _page().raw
    assert disk.set_aside() == (damaged,)
    assert disk.aside == [damaged]
    assert not disk.holds(_page().digest)
    assert disk.find_lost() == (damaged,)
    again = Commit(2, (_page(),))
    disk.begin(again, 0)
    assert disk.finish(again) == (_page(),)
    assert disk.find_lost() == ()
    assert disk.pages == [_page()]
    assert disk.set_aside() == ()


def test_a_damaged_page_is_not_held() -> None:
    """So that a run never lets the last whole copy of a page rot, which nobody could bring back."""
    disk, page = _disk(), _page()

    def write(number: int) -> None:
        commit = Commit(number, (page,))
        disk.begin(commit, 0)
        disk.finish(commit)

    write(1)
    assert disk.holds(page.digest)
    disk.rot(0)
    assert not disk.holds(page.digest)
    assert disk.set_aside()
    assert not disk.holds(page.digest)
    write(2)
    assert disk.holds(page.digest)
