"""Who may be a consumer, and what its own ceiling leaves it."""

from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.exchange.consumer import Adding, Consumer, Format, check_consumer, is_within_ceiling
from comity.exchange.register import Register
from comity.pact.model import Pact
from comity.procedure.entry import Marking

OWN = Consumer("soc", "USA", (Format.TAXII,), "", 1, "USA-CUI", ("cyber",))
THEIRS = Consumer("tokyo", "JPN", (Format.TAXII,), "", 1)
ADDING = Adding(("JPN",), ("cyber",), "USA-CUI")


Row = TypeVar("Row", bound=msgspec.Struct)


def change(row: Row, **fields: object) -> Row:
    """Return a consumer, or what it may put in, with other values."""
    return msgspec.structs.replace(row, **fields)


def mark(level: str, *topics: str) -> Marking:
    """Return a marking of the USA."""
    return Marking("USA", "USA", level, topics, ())


def test_a_sound_consumer_is_taken(camp_david: Pact) -> None:
    """One of the own party with a ceiling, one of another without, one that may put in."""
    for consumer in (OWN, THEIRS, change(OWN, adding=ADDING)):
        check_consumer(consumer, pact=camp_david, own="USA")


@pytest.mark.parametrize(
    ("what", "consumer"),
    [
        ("name", change(OWN, name="SOC 1")),
        ("party", change(OWN, party="FRA")),
        ("level", change(OWN, level="JPN-CHUI")),
        ("topics", change(OWN, topics=("weather",))),
        ("ceiling", change(OWN, level="")),
        ("ceiling", change(OWN, topics=())),
        ("formats", change(OWN, formats=(Format.TAXII, Format.TAXII))),
        ("add-to", change(OWN, adding=change(ADDING, to=()))),
        ("add-to", change(OWN, adding=change(ADDING, to=("USA",)))),
        ("add-to", change(OWN, adding=change(ADDING, to=("FRA",)))),
        ("add-level", change(OWN, adding=change(ADDING, level="KOR-II"))),
        ("add-topics", change(OWN, adding=change(ADDING, topics=()))),
        ("add-topics", change(OWN, adding=change(ADDING, topics=("weather",)))),
        ("add-caveats", change(OWN, adding=change(ADDING, caveats=("BURN",)))),
        ("add-format", change(OWN, formats=(Format.MISP,), adding=ADDING)),
        ("add-party", change(THEIRS, adding=change(ADDING, to=("KOR",)))),
    ],
)
def test_what_the_pact_does_not_know_is_refused(camp_david: Pact, what: str, consumer: Consumer) -> None:
    """The detail names the field; an own system without a ceiling would get all that the party holds."""
    with pytest.raises(UsageError) as caught:
        check_consumer(consumer, pact=camp_david, own="USA")
    assert (caught.value.code, caught.value.details["what"]) == ("consumer.malformed", what)


def test_a_ceiling_bounds_level_and_topics(camp_david: Pact) -> None:
    """Every marking lies within it; another party's level counts by its rank, an unknown one not at all."""

    def is_within(*markings: Marking, of: Consumer = OWN) -> bool:
        return is_within_ceiling(of, markings, pact=camp_david, own="USA")

    assert is_within(mark("USA-U", "cyber"), mark("USA-CUI", "cyber"))
    assert not is_within(mark("USA-U", "cyber"), mark("USA-C", "cyber"))
    assert not is_within(mark("USA-U", "cyber", "defence"))
    assert is_within(Marking("JPN", "JPN", "JPN-CHUI", ("cyber",), ()))
    assert not is_within(Marking("JPN", "JPN", "JPN-HI", ("cyber",), ()))
    assert not is_within(mark("USA-??", "cyber"))
    assert is_within(mark("USA-TS", "defence"), of=THEIRS)


def test_the_register_is_kept_in_a_file(tmp_path: Path) -> None:
    """For its owner alone; read again it holds the same, and a name is not given twice."""
    path = tmp_path / "consumers.json"
    register = Register(path)
    register.add(change(OWN, kept="$argon2id$x"))
    register.add(THEIRS)
    assert path.stat().st_mode & 0o777 == 0o600
    again = Register(path)
    assert [one.name for one in again.list()] == ["soc", "tokyo"]
    assert again.list() == register.list()
    with pytest.raises(UsageError) as caught:
        again.add(OWN)
    assert caught.value.code == "consumer.exists"
    again.remove("soc")
    assert [one.name for one in Register(path).list()] == ["tokyo"]
    with pytest.raises(UsageError) as caught:
        again.remove("soc")
    assert caught.value.code == "consumer.unknown"


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"format":2,"consumers":[]}', b"\xff", b"[" * 100_000])
def test_a_damaged_register_lets_nobody_in(tmp_path: Path, raw: bytes) -> None:
    """It is neither read as empty nor written over."""
    path = tmp_path / "consumers.json"
    path.write_bytes(raw)
    with pytest.raises(UsageError) as caught:
        Register(path)
    assert caught.value.code == "consumer.register-malformed"
    assert path.read_bytes() == raw


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A register that is full says so."""
    monkeypatch.setattr("comity.exchange.register.CONSUMER_COUNT_MAX", 1)
    register = Register()
    register.add(OWN)
    with pytest.raises(UsageError) as caught:
        register.add(THEIRS)
    assert caught.value.code == "consumer.too-many-kept"
