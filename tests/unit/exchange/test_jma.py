"""Telegrams of the Japan Meteorological Agency: what they say is read, in instants, and nothing is made of the rest."""

import pytest

from comity.base.errors import RemoteError
from comity.base.instants import format_iso
from comity.exchange.cap_read import parse_alert
from comity.exchange.cap_write import format_alert
from comity.exchange.jma import WarnedArea, parse_telegram, read_as_alert
from kit.cap_schema import find_faults
from kit.outside import DATA, NO_DATA, list_files

USUAL = """<Report xmlns="http://xml.kishou.go.jp/jmaxml1/">
<Control><Status>通常</Status><PublishingOffice>気象庁</PublishingOffice></Control>
<Head><Title>津波注意報</Title><ReportDateTime>2023-10-09T06:40:00+09:00</ReportDateTime><EventID>20231009052500</EventID>
<InfoType>発表</InfoType><Serial></Serial><Headline><Text>発表しました。</Text><Information><Item>
<Kind><Name>津波注意報</Name><Code>62</Code></Kind><Areas><Area><Name>伊豆・小笠原諸島</Name><Code>492</Code></Area></Areas>
</Item></Information></Headline></Head></Report>"""


@pytest.mark.skipif(not DATA.exists(), reason=NO_DATA)
def test_every_real_telegram_is_read() -> None:
    """Six of one morning: raised, changed, lifted; areas with grade, grade before and height; as valid alerts too."""
    telegrams = [parse_telegram(path.read_bytes()) for path in list_files("cap/jma")]
    assert [(format_iso(one.reported_at)[:16], len(one.areas), one.event) for one in telegrams] == [
        ("2023-10-08T21:40", 2, "20231009052500"),
        ("2023-10-08T22:26", 11, "20231009052500"),
        ("2023-10-08T22:44", 15, "20231009052500"),
        ("2023-10-08T22:51", 15, "20231009052500"),
        ("2023-10-08T23:24", 15, "20231009052500"),
        ("2023-10-09T03:00", 15, "20231009052500"),
    ]
    first, last = telegrams[0], telegrams[-1]
    assert first.areas[0] == WarnedArea(
        "伊豆諸島", "320", "津波注意報", "62", "津波なし", "１ｍ", arrival="津波到達中と推測"
    )
    assert first.headline == "津波注意報を発表しました。"
    assert first.text.startswith("＜津波注意報＞")
    assert (last.areas[0].grade, last.areas[0].grade_before) == ("津波予報（若干の海面変動）", "津波注意報")
    assert (last.headline, format_iso(last.valid_until_at)[:16]) == ("津波注意報を解除しました。", "2023-10-09T09:00")
    for telegram in telegrams:
        alert = read_as_alert(telegram)
        raw = format_alert(alert)
        assert find_faults(raw) == []
        assert parse_alert(raw).blocks[0].sender_name == "気象庁"
        assert (alert.status, alert.scope, alert.source) == ("Actual", "Public", "気象庁")


def test_areas_of_a_headline_and_other_encodings() -> None:
    """Where there is no forecast; in Shift_JIS as in UTF-8; JST becomes an instant."""
    for raw in (USUAL.encode(), f"<?xml version='1.0' encoding='Shift_JIS'?>{USUAL}".encode("shift_jis")):
        telegram = parse_telegram(raw)
        assert telegram.areas == (WarnedArea("伊豆・小笠原諸島", "492", "津波注意報", "62", "", ""),)
        assert format_iso(telegram.reported_at) == "2023-10-08T21:40:00.000Z"


@pytest.mark.parametrize(
    ("status", "kind", "shown"),
    [
        ("訓練", "発表", ("Exercise", "Alert")),
        ("試験", "訂正", ("Test", "Update")),
        ("通常", "取消", ("Actual", "Cancel")),
    ],
)
def test_status_and_kind_are_those_of_an_alert(status: str, kind: str, shown: tuple[str, str]) -> None:
    """A drill is an exercise; what corrects or takes back refers to its event."""
    alert = read_as_alert(parse_telegram(USUAL.replace("通常", status).replace(">発表<", f">{kind}<").encode()))
    assert (alert.status, alert.message_type) == shown
    assert ("20231009052500" in alert.references) == (kind != "発表")
    assert find_faults(format_alert(alert)) == []


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("通常", "普通", "Control/Status"),
        (">発表<", ">発令<", "Head/InfoType"),
        ("+09:00", "", "Head/ReportDateTime"),
        ("<EventID>20231009052500", "<EventID>", "Head/EventID"),
        ("<EventID>2023", "<EventID>2023 ,", "Head/EventID"),
        ("<Title>津波注意報</Title>", "", "Head/Title"),
        ("jmaxml1", "jmaxml2", "Report"),
    ],
)
def test_what_is_missing_is_named(old: str, new: str, at: str) -> None:
    """By the agency's own names of elements."""
    with pytest.raises(RemoteError) as caught:
        parse_telegram(USUAL.replace(old, new).encode())
    assert (caught.value.code, caught.value.details) == ("jma.malformed", {"at": at})
