"""`comity exercise observe | hot-wash | improve | notes`: what evaluators saw, what was said afterwards, what is to do.

Clauses: docs/spec/exercise.md, E43 and E44.
"""

import re
from typing import Any, Final

import click

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.cli.act import Desk, act, choose, officer_options, text_options, view
from comity.cli.playing_views import find_exercise, id_option
from comity.cli.terminal import emit, is_json, print_heading, print_line, print_table
from comity.exercise.msel import NUMBER_PATTERN
from comity.exercise.offset import format_offset
from comity.procedure.observation import About, Rating, Sort

__all__ = ["add_noting"]

_TOPICS: Final = ("public-message",)


def add_noting(group: click.Group) -> None:
    """Add the commands of evaluators."""
    _add_observing(group)
    _add_improving(group)
    _add_notes(group)


def _state(desk: Desk, id_: str, type_: str, **fields: object) -> list[str]:
    row = find_exercise(desk, id_)
    desk.to = tuple(row["audience"])
    return desk.state({"type": type_, "exercise": row["id"], **fields})


def _find_about(of: str) -> About:
    if re.fullmatch(NUMBER_PATTERN, of):
        return About.INJECT
    return About.TASK if "." in of else About.OBJECTIVE


def _add_observing(group: click.Group) -> None:
    @act(group, "observe", help="Note what an evaluator saw of an inject (2.1), an objective, or OBJECTIVE.TASK.")
    @click.argument("of", metavar="OF")
    @click.option("--about", type=click.Choice([row.value for row in About]), default=None,
                  help=say("What OF names; told by its form if left out."))  # fmt: skip
    @click.option("--rating", type=click.Choice([row.value for row in Rating]), default=Rating.NOT_RATED.value,
                  show_default=True, help=say("How it was done."))  # fmt: skip
    @click.option("--of-party", "parties", multiple=True, metavar="PARTY",
                  help=say("Whose play it is about; repeatable; everybody's if left out."))  # fmt: skip
    @id_option
    @officer_options
    @text_options
    def observe(
        desk: Desk, of: str, about: str | None, rating: str, parties: tuple[str, ...], id_: str, role: str,
        officer: str, texts: tuple[str, ...], level: str, topics: tuple[str, ...],
    ) -> list[str]:  # fmt: skip
        return _state(
            desk, id_, "ObservationNoted", about=about or _find_about(of).value, of=of,
            parties=sorted(desk.check_parties(parties)), rating=rating, observed=desk.marked(texts, level, topics),
            role=role, officer=officer,
        )  # fmt: skip

    @act(group, "hot-wash", help="Note what was said right after the play.")
    @click.option("--sort", type=click.Choice([row.value for row in Sort]), default=Sort.OTHER.value,
                  show_default=True, help=say("What it is."))  # fmt: skip
    @id_option
    @officer_options
    @text_options
    def hot_wash(
        desk: Desk, sort: str, id_: str, role: str, officer: str, texts: tuple[str, ...], level: str,
        topics: tuple[str, ...],
    ) -> list[str]:  # fmt: skip
        return _state(desk, id_, "HotWashNoted", sort=sort, observed=desk.marked(texts, level, topics), role=role,
                      officer=officer)  # fmt: skip


def _add_improving(group: click.Group) -> None:
    @act(group, "improve", help="Propose what is to be done about a finding: by whom, by when.")
    @click.option("--finding", "findings", multiple=True, required=True, metavar="[LANGUAGE=]TEXT",
                  help=say("What was found; repeat it for other languages, as in ja=…"))  # fmt: skip
    @click.option("--action", "actions", multiple=True, required=True, metavar="[LANGUAGE=]TEXT",
                  help=say("What is to be done; repeat it for other languages, as in ja=…"))  # fmt: skip
    @click.option("--owner", required=True, metavar="PARTY", help=say("Who is to do it."))
    @click.option("--due", required=True, metavar="TIME", help=say("By when."))
    @click.option("--objective", default="", metavar="ID", help=say("The objective that it serves."))
    @click.option("--rests-on", "rests_on", multiple=True, metavar="ID",
                  help=say("A note that it rests on, by the beginning of its id; repeatable."))  # fmt: skip
    @click.option("--level", default="", help=say("Its level in your own scheme; the lowest if left out."))
    @click.option("--topic", "topics", multiple=True, default=_TOPICS,
                  help=say("A topic of the pact that it is about; repeatable."))  # fmt: skip
    @id_option
    @officer_options
    def improve(
        desk: Desk, findings: tuple[str, ...], actions: tuple[str, ...], owner: str, due: str, objective: str,
        rests_on: tuple[str, ...], level: str, topics: tuple[str, ...], id_: str, role: str, officer: str,
    ) -> list[str]:  # fmt: skip
        row = find_exercise(desk, id_)
        (owned_by,) = desk.check_parties((owner,))
        return _state(
            desk, row["id"], "ImprovementProposed", objective=[objective] if objective else [],
            rests_on=sorted(_find_note(desk, row["id"], one) for one in set(rests_on)),
            finding=desk.marked(findings, level, topics), remedy=desk.marked(actions, level, topics), owner=owned_by,
            due_at=parse_instant(due), role=role, officer=officer,
        )  # fmt: skip


def _find_note(desk: Desk, exercise: str, beginning: str) -> str:
    return str(choose(desk.client.get(f"/v1/exercises/{exercise}/notes"), beginning)["id"])


def _add_notes(group: click.Group) -> None:
    @view(group, "notes", help="Show what was noted: observations, hot wash, improvements proposed.")
    @id_option
    def notes(desk: Desk, id_: str) -> None:
        row = find_exercise(desk, id_)
        found = desk.client.get(f"/v1/exercises/{row['id']}/notes")
        if is_json():
            emit(found)
            return
        entries = [(note, note["stated"]["entry"]) for note in found]
        print_heading("Observations")
        print_table(
            ("time", "party", "of", "rating", "observed"),
            [
                (_show_time(note), note["stated"]["author"], entry["of"], say_term(Rating(entry["rating"])),
                 _read_text(entry["observed"]))
                for note, entry in entries if entry["type"] == "ObservationNoted"
            ],
        )  # fmt: skip
        for note, entry in entries:
            if entry["type"] == "HotWashNoted":
                print_line("Hot wash, {party}, {sort}: {text}", party=note["stated"]["author"],
                           sort=say_term(Sort(entry["sort"])), text=_read_text(entry["observed"]))  # fmt: skip
        for _, entry in entries:
            if entry["type"] == "ImprovementProposed":
                print_line("{owner}, by {due}: {action} (found: {finding})", owner=entry["owner"],
                           due=format_dtg(Instant(entry["due_at"])), action=_read_text(entry["remedy"]),
                           finding=_read_text(entry["finding"]))  # fmt: skip


def _show_time(note: dict[str, Any]) -> str:
    return "" if note["time_ms"] < 0 else format_offset(note["time_ms"])


def _read_text(text: dict[str, Any]) -> str:
    """Return a marked text in the language of the screen, else in its first."""
    versions = {row["language"]: row["text"] for row in text["translations"]}
    return str(versions.get(get_language()) or next(iter(versions.values()), ""))
