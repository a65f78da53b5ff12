"""The history of one agreement as JSON values: at each date what may pass directly, by others, not at all."""

from collections.abc import Iterable
from typing import Any

from comity.api.release_view import show_passage, show_standing
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_iso
from comity.base.names import Party
from comity.pact.agreement import Agreement
from comity.pact.model import Pact
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.story import Scene, find_turning_points, let_notice_run_out, tell_story

__all__ = ["show_story"]

View = dict[str, Any]


def show_story(pact: Pact, *, agreement: str, giver: Party, receiver: Party, instants: Iterable[Instant] = ()) -> View:
    """Return the scenes as they were, and as if the first notice had run out; at its turning points if none is named.

    Raises:
        UsageError: `release.no-agreement`.
    """
    found = pact.find_agreement(agreement)
    if found is None:
        known = ", ".join(row.id for row in pact.agreements)
        raise UsageError("release.no-agreement", agreement=agreement[:80], agreements=known)
    chosen = tuple(instants) or find_turning_points(found)
    supposed = let_notice_run_out(pact, found)
    return {
        "agreement": found.id,
        "giver": giver,
        "receiver": receiver,
        "scenes": _show(pact, found, giver, receiver, chosen),
        "if_notice_ran_out": None if supposed is None else _show(*supposed, giver, receiver, chosen),
    }


def _show(pact: Pact, agreement: Agreement, giver: Party, receiver: Party, instants: tuple[Instant, ...]) -> list[View]:
    terms = compile_terms(pact)
    scenes = tell_story(pact, agreement=agreement, giver=giver, receiver=receiver, instants=instants)
    return [_show_scene(scene, terms) for scene in scenes]


def _show_scene(scene: Scene, terms: ReleaseTerms) -> View:
    return {
        "at": scene.at,
        "date": format_iso(scene.at)[:10],
        "standing": show_standing(scene.standing),
        "note": scene.note,
        "passages": [show_passage(passage, terms) for passage in scene.passages],
    }
