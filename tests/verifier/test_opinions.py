"""The verifier and the audit agree on generated histories; `make opinions` looks at 1,000 of them."""

import hmac

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import verify
from kit.opinions import compare


@given(seed=st.integers(0, 2**32))
@settings(max_examples=settings().max_examples // 2)
def test_the_audit_and_the_verifier_agree_on_a_history(seed: int) -> None:
    """Every verdict with its code, every standing, what is missing, every opened entry; bundles, whole and broken."""
    compared = compare(seed)
    assert compared.differences == []
    for what in sorted(compared.met):
        event(what)


def test_the_histories_show_what_there_is_to_agree_on() -> None:
    """So that agreement is known to be about something."""
    met = set[str]().union(*(compare(seed).met for seed in range(30)))
    assert met >= {
        "good", "disputed", "disowned", "opened", "page.gap", "page.previous", "page.kind", "page.signature",
        "page.opening", "page.malformed", "page.stranger", "page.entries-root", "statement.malformed",
        "bundle.damaged", "bundle.malformed",
    }  # fmt: skip


@pytest.mark.parametrize("what", ["expand", "is_signed", "cut"])
def test_a_verifier_that_erred_would_be_noticed(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """A leaf blinded otherwise, a signature that nobody checks, a bundle whose last frame is passed over."""
    wrong = {
        "expand": lambda key, info: hmac.digest(key, info, "sha256"),
        "is_signed": lambda *_: True,
        "cut": lambda raw, magic, most, right=verify.cut: list(right(raw, magic, most))[:-1],
    }[what]
    monkeypatch.setattr(verify, what, wrong)
    assert any(compare(seed).differences for seed in range(12))
