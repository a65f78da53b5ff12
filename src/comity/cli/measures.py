"""`comity measure` and `comity action`: the matched response, and what a party does in its own right."""

from pathlib import Path
from typing import Any

import click

from comity.api.form import simplify
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg, parse_instant
from comity.base.limits import GEOJSON_SIZE_BYTES_MAX
from comity.cli.act import Desk, act, choose, span_option, text_options, view
from comity.cli.files import read_beginning
from comity.cli.help_page import CommandGroup
from comity.cli.terminal import emit, is_json, print_line, print_table
from comity.exchange.geojson import parse_areas
from comity.procedure.area import Shape, place
from comity.procedure.matrix import NeedState
from comity.procedure.measure import Instrument, MeasureReason
from comity.procedure.national import ActionStage

__all__ = ["COMMANDS", "print_matrix"]

DEGREE_UDEG = 1_000_000


@click.group(cls=CommandGroup, help=say("Measures: offer, accept, begin, deliver; and see where they collide."))
def measure() -> None:
    """See `help` above."""


@click.group(cls=CommandGroup, help=say("What your party does in its own right; nobody's leave is asked."))
def action() -> None:
    """See `help` above."""


measure_option = click.option(
    "--id",
    "id_",
    default="",
    metavar="ID",
    help=say("Which one, by the beginning of its id; the open one if left out."),
)


def terms_options(command: Any) -> Any:
    """Add what a measure and a national action have in common."""
    for option in (
        text_options,
        click.option("--instrument", type=click.Choice([kind.value for kind in Instrument]), required=True),
        click.option("--actor", required=True, help=say("Who does it: the id of a unit or office.")),
        click.option("--target", default="", help=say("What it is aimed at, by an id that the parties share.")),
        click.option(
            "--circle", default="", metavar="LAT,LON,KM", help=say("Where: a circle in degrees and kilometres.")
        ),
        click.option(
            "--areas",
            "areas_file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help=say("Where: a file of GeoJSON with polygons, or points with radius_m."),
        ),
        click.option("--from", "from_", default="", metavar="TIME", help=say("When it begins; now if left out.")),
        span_option("--for", "24h", "How long it lasts."),
        click.option("--depends-on", multiple=True, metavar="ID",
                     help=say("An act that must have begun before; repeatable.")),
        click.option("--caveat", "caveats", multiple=True, metavar="[LANGUAGE=]TEXT",
                     help=say("A limit on the use of what is pledged; repeatable.")),
        span_option("--announce-in", "0s", "How long until it becomes public; not announced if 0s."),
    ):  # fmt: skip
        command = option(command)
    return command


def make_terms(desk: Desk, options: dict[str, object]) -> dict[str, object]:
    """Return the terms that the options describe."""
    starts_at = parse_instant(str(options["from_"])) if options["from_"] else desk.now()
    announce_in, lasts = int(str(options["announce_in"])), int(str(options["for"]))
    circle = str(options["circle"])

    def marked(texts: tuple[str, ...]) -> dict[str, object]:
        return desk.marked(texts, str(options["level"]), options["topics"])  # type: ignore[arg-type]

    return {
        "instrument": options["instrument"],
        "actor": options["actor"],
        "areas": [*([parse_circle(circle)] if circle else []), *_read_areas(options.get("areas_file"))],
        "starts_at": starts_at,
        "ends_at": starts_at + lasts,
        "announce_at": desk.now() + announce_in if announce_in else 0,
        "target": [options["target"]] if options["target"] else [],
        "depends_on": _find_needed(desk, options["depends_on"]),  # type: ignore[arg-type]
        "description": marked(options["texts"]),  # type: ignore[arg-type]
        "caveats": [marked((caveat,)) for caveat in options["caveats"]],  # type: ignore[attr-defined]
    }


def _find_needed(desk: Desk, beginnings: tuple[str, ...]) -> list[str]:
    """Return the ids of the acts that are depended on, measures or national actions, by the beginnings of their ids."""
    if not beginnings:
        return []
    rows = [*desk.list("measure"), *desk.list("action")]
    return sorted({choose(rows, beginning)["id"] for beginning in beginnings})


def _read_areas(path: object) -> list[object]:
    """Return the areas of a GeoJSON file as the API takes them."""
    if not isinstance(path, Path):
        return []
    found = simplify(parse_areas(read_beginning(path, size_bytes_max=GEOJSON_SIZE_BYTES_MAX)))
    assert isinstance(found, list)
    return found


def parse_circle(text: str) -> dict[str, object]:
    """Parse `LAT,LON,KM` into an area."""
    try:
        latitude, longitude, radius_km = (float(part) for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter(say("write a circle like 38.5,135.0,60")) from error
    return make_circle(latitude, longitude, radius_km)


def make_circle(latitude_deg: float, longitude_deg: float, radius_km: float) -> dict[str, object]:
    """Return a circle as the API takes it: whole microdegrees from the south pole and from 180° west, metres."""
    at = place(latitude_udeg=round(latitude_deg * DEGREE_UDEG), longitude_udeg=round(longitude_deg * DEGREE_UDEG))
    places = [{"north_udeg": at.north_udeg, "east_udeg": at.east_udeg}]
    return {"shape": Shape.CIRCLE.value, "places": places, "radius_m": round(radius_km * 1000)}


@act(measure, "offer", help="Offer a measure, coordinated with the parties named.")
@click.option("--with", "with_", multiple=True, metavar="PARTY", help=say("Who has to accept it; repeatable."))
@terms_options
def offer(desk: Desk, with_: tuple[str, ...], **options: object) -> list[str]:
    """See `help` above."""
    consultations = [row["id"] for row in desk.list("consultation")][-1:]
    return desk.state(
        {"type": "MeasureOffered", "consultation": consultations, "coordinated_with": sorted(desk.check_parties(with_)),
         "terms": make_terms(desk, options)}
    )  # fmt: skip


def _terms_of(desk: Desk, id_: str) -> tuple[str, str]:
    held = desk.find("measure", id_)
    return held["id"], held["terms_by"] or held["id"]


@act(measure, "accept", help="Accept the terms of a measure that is coordinated with you.")
@measure_option
def accept(desk: Desk, id_: str) -> list[str]:
    """See `help` above."""
    held, terms = _terms_of(desk, id_)
    return desk.state({"type": "MeasureAccepted", "measure": held, "terms": terms})


@act(measure, "decline", help="Decline the terms of a measure; nothing but this cell changes.")
@measure_option
@click.option("--reason", type=click.Choice([reason.value for reason in MeasureReason]), default="national-decision")
def decline(desk: Desk, id_: str, reason: str) -> list[str]:
    """See `help` above."""
    held, terms = _terms_of(desk, id_)
    return desk.state({"type": "MeasureDeclined", "measure": held, "terms": terms, "reason": reason})


@act(measure, "amend", help="Amend the terms of your measure; they have to be accepted anew.")
@measure_option
@terms_options
def amend(desk: Desk, id_: str, **options: object) -> list[str]:
    """See `help` above."""
    held = desk.find("measure", id_)["id"]
    return desk.state({"type": "MeasureAmended", "measure": held, "terms": make_terms(desk, options)})


@act(measure, "start", help="Say that your measure is under way.")
@measure_option
def start(desk: Desk, id_: str) -> list[str]:
    """See `help` above."""
    return desk.state({"type": "MeasureStarted", "measure": desk.find("measure", id_)["id"]})


@act(measure, "deliver", help="Say that your measure has been delivered.")
@measure_option
def deliver(desk: Desk, id_: str) -> list[str]:
    """See `help` above."""
    return desk.state({"type": "MeasureDelivered", "measure": desk.find("measure", id_)["id"]})


@act(measure, "withdraw", help="Withdraw your measure.")
@measure_option
@click.option("--reason", type=click.Choice([reason.value for reason in MeasureReason]), default="national-decision")
def withdraw(desk: Desk, id_: str, reason: str) -> list[str]:
    """See `help` above."""
    return desk.state({"type": "MeasureWithdrawn", "measure": desk.find("measure", id_)["id"], "reason": reason})


@view(measure, "show", help="Show the synchronisation matrix: who does what when, and where it collides or lacks.")
def show(desk: Desk) -> None:
    """See `help` above."""
    if is_json():
        emit(desk.client.get("/v1/measures"))
        return
    print_matrix(desk.client.get("/v1/matrix"))


def print_matrix(matrix: dict[str, Any]) -> None:
    """Print the acts in the order of their windows, then what is in the way, then what a plan lacks."""
    rows = [
        (
            row["id"][:12],
            row["party"],
            say_term(row["instrument"]),
            row["actor"],
            f"{format_dtg(Instant(row['starts_at']))} – {format_dtg(Instant(row['ends_at']))}",
            format_dtg(Instant(row["announce_at"])) if row["announce_at"] else "—",
            row["target"] or "—",
            ", ".join(f"{one['id'][:12]} ({say_term(NeedState(one['state']))})" for one in row["depends_on"]) or "—",
            say_term(row["status"]),
        )
        for row in matrix["rows"]
    ]
    print_table(("id", "party", "instrument", "actor", "window", "announced", "target", "depends on", "state"), rows)
    for row in matrix["rows"]:
        for caveat in row["caveats"]:
            for version in caveat["translations"]:
                fields = {"id": row["id"][:12], "language": version["language"], "text": version["text"]}
                print_line("Caveat of {id}: {language}: {text}", **fields)
    for friction in matrix["frictions"]:
        acts = ", ".join(id_[:12] for id_ in friction["acts"])
        print_line("Collision: {kind} between {acts}", kind=say_term(friction["kind"]), acts=acts, style="bold yellow")
    for gap in matrix["gaps"]:
        print_line("Gap: nothing meets line {line} of the plan {plan}: {instrument}", style="bold yellow",
                   line=gap["line"], plan=gap["name"], instrument=say_term(gap["instrument"]))  # fmt: skip


@act(action, "state", help="Tell the others what your party does in its own right.")
@click.option("--stage", type=click.Choice([stage.value for stage in ActionStage]), default="under-way")
@terms_options
def state(desk: Desk, stage: str, **options: object) -> list[str]:
    """See `help` above."""
    consultations = [row["id"] for row in desk.list("consultation")][-1:]
    return desk.state(
        {
            "type": "NationalActionStated",
            "consultation": consultations,
            "stage": stage,
            "terms": make_terms(desk, options),
        }
    )


@act(action, "end", help="Say that your own action has ended.")
@measure_option
def end(desk: Desk, id_: str) -> list[str]:
    """See `help` above."""
    return desk.state({"type": "NationalActionEnded", "action": desk.find("action", id_)["id"]})


COMMANDS = (measure, action)
