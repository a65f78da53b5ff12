"""From a profile to a pact file that parties can accept."""

import pytest

from comity.base.errors import UsageError
from comity.pact.draft import draft_pact
from comity.pact.findings import PactRefused
from comity.pact.parse import check_pact, parse_pact
from comity.pact.signatory import Root


def _root(number: int) -> Root:
    return Root(ed25519=f"{number:064x}", mldsa65=f"{number:03904x}", next_root_digest=f"{number:064x}")


ROOTS = {"USA": _root(3), "JPN": _root(1), "KOR": _root(2)}
DEMO: dict[str, int | bool | str] = {
    "policy.silence.window_ms_min": 6000,
    "policy.silence.skew_ms_max": 500,
    "policy.silence.kept_by_machine": False,
    "pact.title.en": 'Played, not "history"',
}


def test_a_draft_pins_every_root_and_sets_what_was_asked(camp_david_raw: bytes) -> None:
    """The result parses, has the roots and the values, and is otherwise the profile, comments included."""
    raw = draft_pact(camp_david_raw, roots=ROOTS, overrides=DEMO)
    pact = parse_pact(raw)
    assert pact.roots == ROOTS
    assert (pact.policy.silence.window_ms_min, pact.policy.silence.skew_ms_max) == (6000, 500)
    assert pact.policy.silence.kept_by_machine is False
    assert pact.identity.title.en == 'Played, not "history"'
    before, after = camp_david_raw.decode().split("\n"), raw.decode().split("\n")
    assert sum(old != new for old, new in zip(before, after, strict=False)) == len(DEMO)


def test_equal_inputs_give_equal_bytes(camp_david_raw: bytes) -> None:
    """Whatever the order of the mappings: parties draft apart and compare digests."""
    again = draft_pact(
        camp_david_raw,
        roots=dict(reversed(list(ROOTS.items()))),
        overrides=dict(reversed(list(DEMO.items()))),
    )
    assert draft_pact(camp_david_raw, roots=ROOTS, overrides=DEMO) == again


@pytest.mark.parametrize("missing", [("KOR",), ("USA", "JPN", "KOR")])
def test_a_missing_root_is_refused(camp_david_raw: bytes, missing: tuple[str, ...]) -> None:
    """One root too few or none at all: each party without one is named."""
    roots = {party: root for party, root in ROOTS.items() if party not in missing}
    with pytest.raises(PactRefused) as refused:
        draft_pact(camp_david_raw, roots=roots)
    assert {str(finding.arguments["party"]) for finding in refused.value.findings} == set(missing)


@pytest.mark.parametrize(
    "roots", [{**ROOTS, "FRA": _root(9)}, {**ROOTS, "KOR": _root(1)}], ids=["a stranger's root", "one key for two"]
)
def test_wrong_roots_are_refused(camp_david_raw: bytes, roots: dict[str, Root]) -> None:
    """A root for one who is no party, or one key for two parties, is a finding."""
    with pytest.raises(PactRefused) as refused:
        draft_pact(camp_david_raw, roots=roots)
    assert {finding.code for finding in refused.value.findings} == {"pact.root"}


@pytest.mark.parametrize("key", ["policy.silence.id", "policy.silence.nothing", "agreement.0.hub", "policy.yearly", ""])
def test_only_policy_values_and_the_title_can_be_set(camp_david_raw: bytes, key: str) -> None:
    """What was agreed can't be changed while drafting, nor a clause id."""
    with pytest.raises(UsageError, match=r"pact\.override"):
        draft_pact(camp_david_raw, roots=ROOTS, overrides={key: 1})


def test_a_value_that_shares_its_line_is_not_set(harbour_raw: bytes) -> None:
    """Only a key with a line of its own is set: nothing beside it could be changed by accident."""
    raw = harbour_raw.replace(b"[policy.lapse]\nid = ", b"[policy]\nlapse = { after_ms = 604800000, id = ")
    raw = raw.replace(b'"policy.lapse"\nafter_ms = 604800000', b'"policy.lapse" }')
    assert check_pact(raw) == ()
    roots = {party: _root(number) for number, party in enumerate(parse_pact(raw).audience)}
    with pytest.raises(UsageError, match=r"pact\.override"):
        draft_pact(raw, roots=roots, overrides={"policy.lapse.after_ms": 604_800_001})


def test_contradicting_values_are_refused(camp_david_raw: bytes) -> None:
    """A window shorter than the skew is a finding of the drafted file, as of any other."""
    with pytest.raises(PactRefused) as refused:
        draft_pact(camp_david_raw, roots=ROOTS, overrides={"policy.silence.window_ms_min": 1})
    assert "pact.policy" in {finding.code for finding in refused.value.findings}


@pytest.mark.parametrize("title", ["a\nb = 1", "\ud800", "\x00", '"""', "\x7f"])
def test_a_hostile_title_stays_a_title_or_is_refused(camp_david_raw: bytes, title: str) -> None:
    """No text can leave its own value, and none raises anything but the refusal."""
    try:
        raw = draft_pact(camp_david_raw, roots=ROOTS, overrides={"pact.title.en": title})
    except PactRefused:
        return
    assert parse_pact(raw).identity.title.en == title


def test_profiles_are_sound_and_have_no_roots(camp_david_raw: bytes, harbour_raw: bytes) -> None:
    """What ships has no findings and belongs to nobody yet."""
    for raw in (camp_david_raw, harbour_raw):
        assert check_pact(raw) == ()
        assert parse_pact(raw).roots == {}
