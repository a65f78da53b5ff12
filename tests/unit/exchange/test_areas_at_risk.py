"""Which areas telegrams say are at risk, as of an instant (docs/spec/warning.md, W80, W81)."""

from itertools import permutations

import pytest

from comity.base.instants import Instant
from comity.base.names import Digest
from comity.exchange.areas_at_risk import AreaAtRisk, Grade, find_areas_at_risk
from comity.exchange.cap_time import find_instant
from comity.exchange.jma import Telegram, parse_telegram
from kit.outside import DATA, NO_DATA, list_files

EVENT = "20231009052500"


def make_telegram(
    clock: str, *areas: tuple[str, str], kind: str = "発表", valid: str = "", status: str = "訓練", event: str = EVENT
) -> bytes:
    """Return a tsunami forecast reported at this time of 9 October 2023 in Japan, with codes of areas and grades."""
    items = "".join(
        f"<Item><Area><Name>{code}区</Name><Code>{code}</Code></Area><Category><Kind><Name>{grade}</Name>"
        f"<Code>{grade}</Code></Kind></Category><FirstHeight><ArrivalTime>2023-10-09T08:00:00+09:00</ArrivalTime>"
        "<Condition>第１波の到達を確認</Condition></FirstHeight></Item>"
        for code, grade in areas
    )
    body = "" if kind == "取消" else f"<Body><Tsunami><Forecast>{items}</Forecast></Tsunami></Body>"
    until = f"<ValidDateTime>2023-10-09T{valid}:00+09:00</ValidDateTime>" if valid else ""
    return (
        f'<Report xmlns="http://xml.kishou.go.jp/jmaxml1/"><Control><Status>{status}</Status></Control><Head>'
        f"<Title>津波警報</Title><ReportDateTime>2023-10-09T{clock}:00+09:00</ReportDateTime>{until}"
        f"<EventID>{event}</EventID><InfoType>{kind}</InfoType><Serial/></Head>{body}</Report>"
    ).encode()


def _at(clock: str) -> Instant:
    instant = find_instant(f"2023-10-09T{clock}:00+09:00")
    assert instant is not None
    return instant


def _read(*raws: bytes) -> list[tuple[Digest, Telegram]]:
    return [(Digest(bytes([number]) * 32), parse_telegram(raw)) for number, raw in enumerate(raws)]


def _list(rows: tuple[AreaAtRisk, ...]) -> list[tuple[str, Grade]]:
    return [(row.code, row.grade) for row in rows]


def test_the_last_telegram_of_an_event_says_it_all() -> None:
    """In whatever order they came, and twice; before it the one before; another event stands beside it."""
    telegrams = _read(
        make_telegram("06:00", ("320", "62"), ("321", "51")),
        make_telegram("07:00", ("321", "52"), ("610", "50"), ("700", "71")),
        make_telegram("06:30", ("320", "62"), event="20231009060000"),
    )
    for order in permutations([*telegrams, telegrams[0]]):
        assert find_areas_at_risk(order, as_of=_at("05:59")) == ()
        rows = find_areas_at_risk(order, as_of=_at("06:00"))
        assert _list(rows) == [("321", Grade.WARNING), ("320", Grade.ADVISORY)]
        rows = find_areas_at_risk(order, as_of=_at("07:00"))
        assert _list(rows) == [("321", Grade.MAJOR), ("320", Grade.ADVISORY), ("700", Grade.FORECAST)]
    assert (rows[0].name, rows[0].arrives_at, rows[0].arrival) == ("321区", _at("08:00"), "第１波の到達を確認")


@pytest.mark.parametrize(
    ("last", "left"),
    [
        (make_telegram("07:00", kind="取消"), []),
        (make_telegram("07:00", ("320", "60")), []),
        (make_telegram("07:00", ("320", "71"), valid="09:00"), []),
        (make_telegram("07:00", ("320", "71"), valid="10:01"), [("320", Grade.FORECAST)]),
        (make_telegram("06:00", ("320", "51"), kind="訂正"), [("320", Grade.WARNING)]),
        (make_telegram("07:00", status="試験"), [("320", Grade.ADVISORY)]),
        (make_telegram("07:00", kind="取消").replace("津波".encode(), "地震".encode()), [("320", Grade.ADVISORY)]),
    ],
)
def test_what_is_over_is_not_listed(last: bytes, left: list[tuple[str, Grade]]) -> None:
    """Taken back, lifted, past its validity, corrected; a test and what is about something else change nothing."""
    first = make_telegram("06:00", ("320", "62"))
    for order in permutations(_read(first, last)):
        assert _list(find_areas_at_risk(order, as_of=_at("10:00"))) == left


@pytest.mark.skipif(not DATA.exists(), reason=NO_DATA)
def test_the_morning_of_9_october_2023() -> None:
    """Two areas at first, then more under an advisory, and none once it is lifted and its validity is over."""
    telegrams = _read(*(path.read_bytes() for path in list_files("cap/jma")))
    counts = [
        [row.grade for row in find_areas_at_risk(telegrams, as_of=_at(clock))].count(Grade.ADVISORY)
        for clock in ("06:39", "06:40", "07:26", "08:24", "12:00")
    ]
    assert counts[0] == 0
    assert counts[1] == 2
    assert counts[2] > 1
    assert counts[4] == 0
    assert len(find_areas_at_risk(telegrams, as_of=_at("12:00"))) == 15
    assert find_areas_at_risk(telegrams, as_of=_at("18:00")) == ()
