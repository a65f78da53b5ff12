"""Names on the wire."""

import hashlib

import msgspec

from comity.base.names import Digest
from comity.journal.header import Feed
from comity.node.stream import Reader, Stream

LINEAGE = Digest(b"\x22" * 32)


def test_a_streams_name_is_as_the_specification_says() -> None:
    """T1, computed here from its words: 32 hexadecimal digits of a labelled hash."""
    stream = Stream(LINEAGE, "real", Feed.RECORD, ("JPN", "USA"))
    content = msgspec.msgpack.encode([b"\x22" * 32, "real", "record", ["JPN", "USA"]])
    assert stream.name == hashlib.sha256(b"comity/1/stream\x00" + content).hexdigest()[:32]
    assert stream.name == "36d2fc623c2f0d93063eda9eed13ef1a"
    assert stream.subject == f"page.{stream.name}"


def test_a_readers_tag_is_as_the_specification_says() -> None:
    """T2: the party's name for people, a labelled hash for everything that tells readers apart."""
    reader = Reader(LINEAGE, "real", "CERT-EE")
    content = msgspec.msgpack.encode([b"\x22" * 32, "real", "CERT-EE"])
    assert reader.tag == "cert-ee_" + hashlib.sha256(b"comity/1/reader\x00" + content).hexdigest()[:16]


def test_whatever_differs_gives_another_name() -> None:
    """Lineage, realm, feed and audience each count, and so does what tells readers apart."""
    streams = [
        Stream(LINEAGE, "real", Feed.RECORD, ("JPN", "USA")),
        Stream(Digest(bytes(32)), "real", Feed.RECORD, ("JPN", "USA")),
        Stream(LINEAGE, "exercise/a", Feed.RECORD, ("JPN", "USA")),
        Stream(LINEAGE, "real", Feed.BULK, ("JPN", "USA")),
        Stream(LINEAGE, "real", Feed.RECORD, ("JPN", "KOR", "USA")),
        Stream(LINEAGE, "real", Feed.RECORD, ("JPN",)),
    ]
    assert len({stream.name for stream in streams}) == len(streams)
    readers = [
        Reader(LINEAGE, "real", "JPN"),
        Reader(LINEAGE, "real", "USA"),
        Reader(LINEAGE, "exercise/a", "JPN"),
        Reader(Digest(bytes(32)), "real", "JPN"),
    ]
    assert len({reader.tag for reader in readers}) == len(readers)


def test_a_name_says_nothing_of_the_audience() -> None:
    """Law 2: no party, realm or feed can be read in a stream's name or subject."""
    stream = Stream(LINEAGE, "exercise/camp", Feed.WARNING, ("JPN", "KOR", "USA"))
    for word in ("jpn", "kor", "usa", "camp", "exercise", "warning"):
        assert word not in stream.subject.lower()


def test_one_pull_never_brings_more_than_a_reader_must_hold() -> None:
    """The count of a pull follows from the largest page of the feed."""
    for feed in Feed:
        stream = Stream(LINEAGE, "real", feed, ("JPN", "USA"))
        assert 1 <= stream.pull_count_max * stream.page_size_bytes_max <= 4 * 1024 * 1024


def test_only_warnings_are_forgotten_by_an_outbox() -> None:
    """Record and genesis are kept for ever."""
    kept = {feed: Stream(LINEAGE, "real", feed, ("JPN", "USA")).retention_ms for feed in Feed}
    assert {feed for feed, retention_ms in kept.items() if retention_ms} == {Feed.WARNING}
