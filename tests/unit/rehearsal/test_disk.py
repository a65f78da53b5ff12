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
