"""A table of faults: one change to a sound pact, and the finding that must follow, on the changed line.

Each row: what the fault is · text replaced · text put there · code · end of the key path.
"""

import importlib.resources

import pytest

from comity.pact.parse import check_pact
from comity.pact.profiles import PROFILE_PACKAGE

CAMP_DAVID = (importlib.resources.files(PROFILE_PACKAGE) / "camp-david.toml").read_text("utf-8")

SECOND_ERA = (
    "[[party.zone.daylight]]\nfrom_year = 2020\noffset_minutes = -240\nletters = 'EDT'\n"
    "starts = { month = 3, weekday = 'sunday', nth = 2, at_minutes = 120 }\n"
    "ends = { month = 11, weekday = 'sunday', nth = 1, at_minutes = 120 }\n[[topic]]"
)

ENDS = "notice_ends_at = 2020-01-01T00:00:00"

ROWS = [
    ("broken TOML", 'hub = "USA"', 'hub = "USA', "pact.syntax", ""),
    ("unknown key", 'hub = "USA"', 'hub = "USA"\nhubb = "USA"', "pact.key-unknown", "hubb"),
    ("missing key", 'binding = "no"\nvoluntary = true', 'binding = "no"', "pact.key-missing", "agreement[1]"),
    ("integer as text", "notice_days = 90", 'notice_days = "90"', "pact.type", "notice_days"),
    ("bool as integer", "voluntary = true", "voluntary = 1", "pact.type", "voluntary"),
    ("date-time as date", "since = 2019-08-22", "since = 2019-08-22T00:00:00Z", "pact.type", "since"),
    ("unknown enum", 'path = "hub"', 'path = "relay"', "pact.value", "path"),
    ("duration of zero", "within_ms = 900000", "within_ms = 0", "pact.value", "within_ms"),
    ("duration negative", "interval_ms = 3600000", "interval_ms = -1", "pact.value", "interval_ms"),
    ("no parties", 'parties = ["JPN", "KOR", "USA"]\nsigned', "parties = []\nsigned", "pact.empty", "parties"),
    ("one party only", 'parties = ["JPN", "KOR"]\nlegal', 'parties = ["JPN"]\nlegal', "pact.value", "parties"),
    ("no topics", 'topics = ["dprk-missile"]', "topics = []", "pact.empty", "topics"),
    ("hidden direction mark", 'article = "20"', 'article = "20\u202e"', "pact.text-control", "article"),
    ("clause id twice", 'id = "tisa-2014.form"', 'id = "tisa-2014.scope"', "pact.id-duplicate", "id"),
    ("party id twice", 'id = "KOR"\nlang', 'id = "JPN"\nlang', "pact.id-duplicate", "id"),
    ("party listed twice", 'hub = "USA"', 'hub = "USA"\ngivers = ["JPN", "JPN"]', "pact.id-duplicate", "givers[2]"),
    ("level id twice", 'id = "KOR-II", rank', 'id = "KOR-III", rank', "pact.id-duplicate", "id"),
    ("dangling party", 'hub = "USA"', 'hub = "FRA"', "pact.reference", "hub"),
    ("dangling topic", 'topics = ["dprk-missile"]', 'topics = ["weather"]', "pact.reference", "topics[1]"),
    ("dangling level", '"JPN-TOKUTEI", "KOR-II"', '"JPN-X", "KOR-II"', "pact.reference", "levels[3]"),
    ("dangling body", 'bodies = ["FM"]\nwho', 'bodies = ["PM"]\nwho', "pact.reference", "bodies[1]"),
    ("dangling leg", '"usa-jpn-2007", "usa-kor-1987"]', '"usa-jpn", "usa-kor-1987"]', "pact.reference", "legs[1]"),
    ("dangling source", 'sources = ["65"]', 'sources = ["999"]', "pact.reference", "sources[1]"),
    ("dangling commitment", 'commitment = "C10"', 'commitment = "C99"', "pact.reference", "commitment"),
    ("policy outside its names", 'id = "policy.lapse"', 'id = "lapse"', "pact.value", "id"),
    ("officers outside their names", 'id = "policy.may.leave"', 'id = "may.leave"', "pact.value", "id"),
    ("unknown act", 'acts = ["leave"]', 'acts = ["depart"]', "pact.value", "acts[1]"),
    ("act of nobody", 'roles = ["principal"]', "roles = []", "pact.empty", "roles"),
    ("dangling role", 'roles = ["principal"]', 'roles = ["king"]', "pact.reference", "roles[1]"),
    ("role twice", 'id = "duty-officer"', 'id = "watch-officer"', "pact.id-duplicate", "id"),
    ("own deputy", 'by = ["director"]', 'by = ["national-security-adviser"]', "pact.id-duplicate", "by"),
    ("level of no call", 'act = "call"\nofficers', 'act = "agree"\nofficers', "pact.value", "levels"),
    ("one for two", 'act = "ceremony"\nofficers = 2', 'act = "ceremony"\nofficers = 1', "pact.value", "officers"),
    (
        "acknowledged by nobody",
        '["watch-officer", "duty-officer", "nat',
        '["watch-officer", "x", "nat',
        "pact.reference",
        "roles[2]",
    ),
    ("hub path without hub", 'hub = "USA"\n', "", "pact.hub", "path"),
    ("hub without a leg to one", '["usa-jpn-2007", "usa-kor-1987"]', '["usa-jpn-2007"]', "pact.hub", "parties[2]"),
    ("leg past the hub", '["usa-jpn-2007", "usa', '["jpn-kor-gsomia", "usa-jpn-2007", "usa', "pact.hub", "legs"),
    ("direct path with hub", 'path = "direct"', 'path = "direct"\nhub = "USA"', "pact.hub", "hub"),
    ("ceiling above a scheme", "ceiling_rank = 30", "ceiling_rank = 40", "pact.ceiling", "ceiling_rank"),
    ("givers of a mutual one", 'hub = "USA"', 'hub = "USA"\ngivers = ["JPN"]', "pact.value", "givers"),
    ("level in no row", '"JPN-TOKUTEI", "KOR-II"', '"KOR-II"', "pact.equivalence", "level[7]"),
    ("level in two rows", '"USA-TS", "JPN-K', '"USA-TS", "USA-S", "JPN-K', "pact.equivalence", "levels[2]"),
    ("row of another rank", "rank = 20\nlevels", "rank = 10\nlevels", "pact.equivalence", "levels[1]"),
    ("scheme not ascending", 'id = "KOR-I", rank = 30', 'id = "KOR-I", rank = 5', "pact.equivalence", "rank"),
    ("rank off the scale", 'id = "KOR-I", rank = 30', 'id = "KOR-I", rank = 31', "pact.equivalence", "rank"),
    ("states out of order", "since = 2019-11-22", "since = 2019-08-01", "pact.state-history", "since"),
    ("end without notice", "since = 2019-11-22", f"since = 2019-11-22\n{ENDS}Z", "pact.notice-end", "notice_ends_at"),
    ("end without a zone", "2019-11-23T00:00:00+09:00", "2019-11-23T00:00:00", "pact.notice-end", "notice_ends_at"),
    ("end before its row", "2019-11-23T00:00:00+09:00", "2019-08-22T00:00:00Z", "pact.notice-end", "notice_ends_at"),
    ("end of a day only", "2019-11-23T00:00:00+09:00", "2019-11-23", "pact.type", "notice_ends_at"),
    ("end too fine", "23T00:00:00+09:00", "23T00:00:00.0001+09:00", "pact.notice-end", "notice_ends_at"),
    ("promise to oneself", 'recipient = "JPN"\nabove', 'recipient = "KOR"\nabove', "pact.promise", "recipient"),
    ("promise at a foreign level", 'above = "KOR-II"', 'above = "USA-S"', "pact.promise", "above"),
    ("promise without a clause that is none", 'without = ["jpn', 'without = ["C1", "jpn', "pact.promise", "without[1]"),
    ("promise of a stranger", 'originator = "KOR"', 'originator = "FRA"', "pact.reference", "originator"),
    ("nth of zero", "nth = 2, at", "nth = 0, at", "pact.zone", "nth"),
    ("month thirteen", "month = 3,", "month = 13,", "pact.value", "month"),
    ("one month for both turns", "month = 11,", "month = 3,", "pact.zone", "month"),
    ("daylight equals standard", "offset_minutes = -240", "offset_minutes = -300", "pact.zone", "offset_minutes"),
    ("era ends before it begins", "from_year = 2007", "from_year = 2007\nuntil_year = 2000", "pact.zone", "until_year"),
    ("skew larger than window", "window_ms_min = 3600000", "window_ms_min = 1000", "pact.policy", "skew_ms_max"),
    ("answer later than next test", "answer_within_ms = 30000", "answer_within_ms = 9000000", "pact.policy", "answer"),
    ("position before acknowledgement", "within_ms = 7200000", "within_ms = 60000", "pact.policy", "within_ms"),
    ("version 1 with previous", "version = 1", f'version = 1\nprevious = "{"0" * 64}"', "pact.version", "previous"),
    ("version 2 without digests", "version = 1", "version = 2", "pact.version", "pact"),
    ("ranks not ascending", "[[rank]]\nrank = 5\n", "[[rank]]\nrank = 0\n", "pact.equivalence", "rank[2]"),
    ("row of one party", '"JPN-GOKUHI", "JPN-TOKUTEI", "KOR-II"]', "]", "pact.equivalence", "equivalence[4]"),
    (
        "giver not of the agreement",
        "notice_days = 90",
        'notice_days = 90\ngivers = ["USA"]',
        "pact.reference",
        "givers",
    ),
    ("hub not of the agreement", '"KOR", "USA"]\nsigned', '"KOR"]\nsigned', "pact.hub", "hub"),
    (
        "version 2 after another file",
        "version = 1",
        f'version = 2\nprevious = "{"0" * 64}"\nlineage = "{"1" * 64}"',
        "pact.version",
        "lineage",
    ),
    (
        "eras overlap",
        "[[topic]]",
        SECOND_ERA,
        "pact.zone",
        "daylight[2].from_year",
    ),
    ("text too long", 'article = "20"', f'article = "{"x" * 5000}"', "pact.size", "article"),
    ("list too long", 'topics = ["dprk-missile"]', "topics = [" + '"x",' * 3000 + "]", "pact.size", "topics"),
    ("bodies too many", 'bodies = ["FM"]\nwho', "bodies = [" + '"FM",' * 40 + "]\nwho", "pact.size", "bodies"),
    ("label outside TLP 2.0", 'label = "amber"', 'label = "white"', "pact.value", "label"),
    ("label of another scheme", 'level = "USA-CUI"', 'level = "JPN-CHUI"', "pact.foreign", "level"),
    (
        "label of a strange party",
        'party = "USA"\nlevel = "USA-U"',
        'party = "FRA"\nlevel = "USA-U"',
        "pact.reference",
        "party",
    ),
    (
        "label twice for one party",
        'label = "green"\nparty = "USA"',
        'label = "clear"\nparty = "USA"',
        "pact.foreign",
        "label",
    ),
    ("label with an unknown caveat", 'caveats = ["ORCON"]', 'caveats = ["ORCON?"]', "pact.foreign", "caveats"),
    ("label with a list of strangers", 'caveats = ["ORCON"]', 'caveats = ["REL TO FRA"]', "pact.foreign", "caveats"),
    (
        "label with caveats out of order",
        '["NATIONAL EYES ONLY", "ORCON"]',
        '["ORCON", "NATIONAL EYES ONLY"]',
        "pact.foreign",
        "caveats",
    ),
    ("label outside the policy", 'id = "policy.tlp.usa-red"', 'id = "tlp.usa-red"', "pact.value", "id"),
    (
        "stricter label with a lower level",
        'party = "USA"\nlevel = "USA-C"',
        'party = "USA"\nlevel = "USA-U"',
        "pact.foreign",
        "foreign[5]",
    ),
    (
        "stricter label with fewer caveats",
        'level = "USA-C"\ncaveats = ["NATIONAL EYES ONLY", "ORCON"]',
        'level = "USA-C"',
        "pact.foreign",
        "foreign[5]",
    ),
    ("phrase outside the policy", 'id = "policy.phrase.stand-by"', 'id = "phrase.stand-by"', "pact.value", "id"),
    (
        "phrase in two languages",
        ', ko = "수신 상태가 어떻습니까? 이 회선으로 응답하십시오."',
        "",
        "pact.phrase",
        "words",
    ),
    (
        "phrase with another gap",
        "待機してください。{at_1}まで",
        "待機してください。{at_2}まで",
        "pact.phrase",
        "words.ja",
    ),
    ("phrase without its gap", "대기하십시오. {at_1}까지", "대기하십시오.", "pact.phrase", "words.ko"),
    ("phrase with a loose brace", "待機してください。{at_1}", "待機してください。{{at_1}", "pact.phrase", "words.ja"),
    ("phrase with a gap of words", "Stand by. We come back to you by {at_1}.", "{name}.", "pact.phrase", "words.en"),
    ("phrase numbered from two", "message of {at_1} back", "message of {at_2} back", "pact.phrase", "words.en"),
    ("table of roots as list", "[pact]", "root = []\n[pact]", "pact.type", "root"),
]


def test_the_unchanged_pact_has_no_findings() -> None:
    """The table changes a sound file: without a change there is nothing to find."""
    assert check_pact(CAMP_DAVID.encode()) == ()


@pytest.mark.parametrize(("fault", "old", "new", "code", "key"), ROWS, ids=[row[0] for row in ROWS])
def test_each_fault_is_found(fault: str, old: str, new: str, code: str, key: str) -> None:
    """The fault gives its code, at its key, with a line inside the file."""
    assert old in CAMP_DAVID, f"{fault}: the profile no longer holds the text that the row replaces"
    raw = CAMP_DAVID.replace(old, new, 1)
    findings = [finding for finding in check_pact(raw.encode()) if finding.code == code]
    assert findings, f"{fault}: {check_pact(raw.encode())}"
    assert any(key in finding.key for finding in findings), findings
    changed = CAMP_DAVID[: CAMP_DAVID.index(old)].count("\n") + 1
    if code not in ("pact.key-missing", "pact.equivalence", "pact.version", "pact.policy", "pact.hub"):
        # The finding stands where the change is; the codes left out are found at the other end of a contradiction.
        assert any(changed <= finding.line <= changed + new.count("\n") + 1 for finding in findings), (
            changed,
            findings,
        )
