"""A row of the timeline in words: an argument is said as the enum that it is, whatever other enum has its value."""

import pytest

from comity.api import words
from comity.api.row_words import say_row


@pytest.mark.parametrize(
    ("code", "arguments", "says"),
    [
        ("timeline.position-stated", {"position": "object"}, "JPN stated its position: objects"),
        ("timeline.call-declined", {"reason": "not-stated"}, "JPN declined the call: no reason stated"),
        (
            "timeline.consultation-convened",
            {"medium": "voice", "level": "watch"},
            "JPN convened the parties by voice, at the level of watch officers",
        ),
        (
            "timeline.measure-offered",
            {"instrument": "patrol", "actor": "source"},
            "JPN offered a measure: patrol by source",
        ),
        (
            "timeline.measure-offered",
            {"instrument": "patrol", "actor": "{{ 7*7 }} {} {x.y}"},
            "JPN offered a measure: patrol by {{ 7*7 }} {} {x.y}",
        ),
    ],
)
def test_an_argument_is_said_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch, code: str, arguments: dict[str, str], says: str
) -> None:
    """`object` is a position here, and a portion's kind elsewhere; what somebody wrote stays, braces and all."""
    monkeypatch.setattr(words, "_chosen", "en")
    assert say_row({"code": code, "arguments": {"party": "JPN", **arguments}, "party": "JPN"}) == says
