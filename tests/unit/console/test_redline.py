"""A redline: it loses nothing, reads well in three languages, and nobody can make it work for long."""

import difflib
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.console import redline as module
from comity.console.redline import Change, redline

WORDS = st.text(alphabet="ab .。\nあ亜が゙", max_size=60)


def _mark(old: str, new: str, language: str) -> str:
    signs = {Change.KEPT: "{}", Change.OUT: "[-{}-]", Change.IN: "[+{}+]"}
    return "".join(signs[piece.change].format(piece.text) for piece in redline(old, new, language))


@given(WORDS, WORDS, st.sampled_from(["en", "ja", "ko", "zh-TW"]))
def test_nothing_is_lost(old: str, new: str, language: str) -> None:
    """What is kept and what went out is the old wording; what is kept and what came in the new one."""
    pieces = redline(old, new, language)
    for without, wording in ((Change.IN, old), (Change.OUT, new)):
        assert "".join(piece.text for piece in pieces if piece.change is not without) == wording
    assert all(piece.text for piece in pieces)
    assert all(a.change is not b.change for a, b in itertools.pairwise(pieces))


@pytest.mark.parametrize(
    ("language", "old", "new", "shown"),
    [
        ("en", "We condemn the launch.", "We strongly condemn the launch.", "We[+ strongly+] condemn the launch."),
        ("en", "We regret it. We respond.", "We deplore it. We respond.", "We[- regret-][+ deplore+] it. We respond."),
        ("en", "the 19 March", "the 18 December", "the[- 19 March-][+ 18 December+]"),
        ("ja", "発射を非難する。", "発射を強く非難する。", "発射を[+強く+]非難する。"),
        ("ja", "我々は共に対応する。", "我々は断固対応する。", "我々は[-共に-][+断固+]対応する。"),
        ("ko", "발사를 규탄한다.", "발사를 강력히 규탄한다.", "발사를[+ 강력히+] 규탄한다."),
        ("ko", "함께 대응할 것이다.", "단호히 대응할 것이다.", "[-함께-][+단호히+] 대응할 것이다."),
        ("en", "The launch. We act.", "The launch of today. We act.", "The launch[+ of today+]. We act."),
        ("en", "Same.", "Same.", "Same."),
        ("en", "", "New.", "[+New.+]"),
    ],
)
def test_it_reads_as_a_drafter_would_write_it(language: str, old: str, new: str, shown: str) -> None:
    """By words in English and Korean, by characters in Japanese, with no confetti between two changes."""
    assert _mark(old, new, language) == shown


def test_a_mark_stays_with_its_letter() -> None:
    """A voiced sound written with a mark of its own is one character."""
    assert _mark("か\u3099い", "かい", "ja") == "[-か\u3099-][+か+]い"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """Whatever two texts of the greatest size are: no passage is compared in which like words meet too often."""
    compared: list[int] = []
    matcher = difflib.SequenceMatcher

    def note(junk: None, old: list[str], new: list[str], *, autojunk: bool) -> object:
        compared.append(sum(new.count(unit) for unit in old) if len(old) < 2_000 else 0)
        return matcher(junk, old, new, autojunk=autojunk)

    monkeypatch.setattr(difflib, "SequenceMatcher", note)
    drawn = random.Random(5)
    for alphabet in ("a ", "。", "ab 。", "あい", "a. b. "):
        old, new = ("".join(drawn.choices(alphabet, k=16_384)) for _ in range(2))
        assert redline(old, new, language)
    assert all(count <= module.PAIR_COUNT_MAX for count in compared)
