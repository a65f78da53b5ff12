"""An inject as a CAP alert or a STIX bundle says that it is an exercise, and is the same bytes each time (X72, X73)."""

from comity.base.instants import Instant
from comity.exchange.cap_read import parse_alert
from comity.exchange.injected import Given, make_inject_alert, make_inject_bundle
from comity.exchange.stix_read import read_bundle

GIVEN = Given("ab" * 32, "7.2", "press", {"en": "The port is shut.", "ja": "港が閉鎖。"}, Instant(1_700_000_000_123))


def test_an_alert_made_of_an_inject_is_read_as_an_exercise_in_each_language() -> None:
    """A second making of it is the same."""
    raw = make_inject_alert(GIVEN)
    alert = parse_alert(raw)
    assert (alert.status, alert.scope, alert.sender, alert.note) == (
        "Exercise", "Public", "press.exercise", "EXERCISE EXERCISE EXERCISE",
    )  # fmt: skip
    assert [(block.language, block.headline) for block in alert.blocks] == list(GIVEN.texts.items())
    assert make_inject_alert(GIVEN) == raw


def test_a_bundle_made_of_an_inject_is_labelled_and_names_the_same_objects_again() -> None:
    """Another inject is other objects."""
    found, refused = read_bundle(make_inject_bundle(GIVEN))
    assert (refused, [one.object.kind for one in found]) == ([], ["identity", "note"])
    assert b'"labels": ["exercise", "role-play"]' in make_inject_bundle(GIVEN)
    other, _ = read_bundle(make_inject_bundle(GIVEN._replace(number="8")))
    assert not {one.object.id for one in found} & {one.object.id for one in other}
    assert make_inject_bundle(GIVEN) == make_inject_bundle(GIVEN)
