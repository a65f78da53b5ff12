"""The after-action report: figures of the journal, one form, and what is set of it as HTML and PDF (E45 to E47)."""

import io
import re

import msgspec
import pypdf
import pytest

from comity.api.after_action.html import write_html
from comity.api.after_action.pdf import write_pdf
from comity.api.after_action.sheet import lay_out
from comity.base.errors import RemoteError
from comity.base.instants import MINUTE_MS
from comity.exercise.report import Report, digest_report, format_report, parse_report
from comity.exercise.times import Measured
from kit.after_action import Exercised
from kit.loop import Loop


@pytest.fixture(scope="module")
def exercised() -> Exercised:
    """Played once."""
    return Exercised(Loop())


@pytest.fixture(scope="module")
def report(exercised: Exercised) -> Report:
    """As Japan's machine makes it."""
    return exercised.report()


def test_every_party_makes_the_same_report(exercised: Exercised, report: Report) -> None:
    """Its digest is what they adopt: so no node's clock and no order of arrival is in it."""
    for party in ("KOR", "USA"):
        assert digest_report(exercised.report(party)) == digest_report(report)
    exercised.loop.settle()
    assert digest_report(exercised.report("USA")) == digest_report(report)


def test_times_are_exercise_time_from_the_call_and_who_did_not_is_there_too(report: Report) -> None:
    """The breakout held the clock for 15 minutes: the text agreed after it counts none of them."""
    assert report.played_ms == (260 - 2 - 15) * MINUTE_MS
    found = {(row.measured, row.party): row.after_ms for row in report.taken}
    assert found == {
        (Measured.ACKNOWLEDGE, "JPN"): 5 * MINUTE_MS,
        (Measured.ACKNOWLEDGE, "KOR"): 20 * MINUTE_MS,
        (Measured.CONVENE, "KOR"): 22 * MINUTE_MS,
        (Measured.AGREE, "JPN"): 50 * MINUTE_MS,
        (Measured.AGREE, "KOR"): 60 * MINUTE_MS,
        (Measured.AGREE, "USA"): -1,
        (Measured.MATCH, "JPN"): 40 * MINUTE_MS,
        (Measured.MATCH, "KOR"): -1,
    }


def test_each_expected_act_is_found_or_not_by_whom_and_against_its_objective(report: Report) -> None:
    """Reported in 3 minutes; acknowledged late; called in time; agreed by two of three."""
    came = {(inject.number, row.party): (row.outcome, row.after_ms) for inject in report.injects for row in inject.came}
    assert came == {
        ("2", "KOR"): ("in-time", 3 * MINUTE_MS),
        ("3", "JPN"): ("late", 30 * MINUTE_MS),
        ("4", "USA"): ("in-time", 10 * MINUTE_MS),
        ("5", "JPN"): ("in-time", 5 * MINUTE_MS),
        ("5", "KOR"): ("in-time", 15 * MINUTE_MS),
        ("5", "USA"): ("missed", -1),
    }
    alert = next(row for row in report.objectives if row.id == "alert")
    assert alert.outcomes == {"in-time": 1, "late": 1}
    assert {task.id: task.ratings for task in alert.tasks}["alert-acknowledge"] == {"unable": 1}


def test_a_report_read_back_is_the_same_and_any_other_bytes_are_refused(report: Report) -> None:
    """One form: with a space, another order, a field more or cut short it is none."""
    raw = format_report(report)
    assert parse_report(raw) == report
    shuffled = b"{" + b",".join(reversed(re.findall(rb'"(?:format|kind)":[^,]+', raw))) + b"}"
    for other in (
        raw + b" ",
        raw[:-1],
        b"[" * 100_000,
        b'{"exercise":"\xff"}',
        shuffled,
        raw.replace(b'"format":1', b'"format":2'),
        b"",
    ):
        with pytest.raises(RemoteError, match=r"report\.malformed"):
            parse_report(other)


def test_html_has_three_languages_the_frame_and_nothing_of_anybody_elses(report: Report) -> None:
    """No script, no address, what people wrote escaped; each language says the exercise's frame and its own words."""
    page = write_html(report, [msgspec.structs.replace(report, name="last-year")]).decode()
    assert not re.findall(r"<script|https?://(?!www\.w3\.org/2000/svg)|url\(|@import", page)
    wanted = ("EXERCISE EXERCISE EXERCISE", "事後検証報告", "사후 검토 보고서", "exercise/kit", "Quick &lt;b&gt;.",
              "Install one.", "落ち着いていた。", "USA · USA-U", "last-year")  # fmt: skip
    assert [word for word in wanted if word not in page] == []
    assert page.count("<svg") == 3 * 5
    assert len({page.count(f'id="in-{language}"') for language in ("en", "ja", "ko")}) == 1


@pytest.mark.parametrize("language", ["en", "ja", "ko"])
def test_every_sheet_of_the_pdf_bears_the_frame_and_the_markings(report: Report, language: str) -> None:
    """And the same report gives the same bytes."""
    raw = write_pdf(report, [], language)
    assert raw == write_pdf(report, [], language)
    read = pypdf.PdfReader(io.BytesIO(raw))
    assert len(read.pages) >= 2
    for sheet in read.pages:
        text = sheet.extract_text()
        assert text.count("EXERCISE EXERCISE EXERCISE") >= 2
        assert "USA-U" in text
    assert read.metadata is not None
    assert read.metadata.title == lay_out(report, (), language).title


def test_a_note_and_a_drawing_taller_than_a_sheet_are_set_all_the_same(report: Report) -> None:
    """A note has up to 16,384 characters, and every earlier exercise adds bars: no word is lost for either."""
    noted = msgspec.structs.replace(report.observations[0], text={"en": "word " * 3_200 + "last"})
    long = msgspec.structs.replace(report, observations=(noted,))
    earlier = [msgspec.structs.replace(report, name=f"year-{number}") for number in range(30)]
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(write_pdf(long, earlier, "en"))).pages)
    assert (text.count("word"), text.count("last"), "year-29" in text) == (3_200, 1, True)
