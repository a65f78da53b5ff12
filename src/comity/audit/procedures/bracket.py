"""Bracketed passages of a text, read a second time (P74, P75)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from comity.audit.procedures.adoption import TextState
from comity.audit.procedures.forms_text import (
    BracketLifted,
    PassageBracketed,
    PassageWorded,
    SilenceKept,
    TextAgreed,
    TextVersionProposed,
)
from comity.audit.procedures.said import Said
from comity.audit.procedures.text import order_own
from comity.base.names import Party

__all__ = ["BracketState", "judge_brackets"]


class BracketState(NamedTuple):
    """A bracket that fits its version; `wordings` are the entries that propose words for it, by party."""

    said: Said
    is_lifted: bool
    wordings: Mapping[Party, Said]


def judge_brackets(state: TextState) -> list[BracketState]:
    """Return the brackets that fit, by the entries' ids."""
    bodies = {one.round.version: one.round.proposal.entry for one in state.rounds}
    good = order_own([said for said in state.statements if said.is_good])
    found = []
    for own in good.values():
        for index, said in enumerate(own):
            if isinstance(said.entry, PassageBracketed) and _lies_in(said.entry, bodies.get(said.entry.version)):
                wordings = {
                    one.author: one
                    for rows in good.values()
                    for one in rows
                    if isinstance(one.entry, PassageWorded) and one.entry.bracket == said.id
                }
                found.append(BracketState(said, _is_lifted(said, own[index + 1 :]), wordings))
    return sorted(found, key=lambda one: one.said.id)


def _lies_in(bracket: PassageBracketed, version: object) -> bool:
    if not isinstance(version, TextVersionProposed):
        return False
    texts = dict(version.body.versions)
    return all(language in texts and end <= len(texts[language]) for language, _, end in bracket.passages)


def _is_lifted(said: Said, later: Sequence[Said]) -> bool:
    assert isinstance(said.entry, PassageBracketed)
    for one in later:
        if isinstance(one.entry, BracketLifted) and one.entry.bracket == said.id:
            return True
        if isinstance(one.entry, TextAgreed | SilenceKept) and one.entry.version == said.entry.version:
            return True
    return False
