"""`comity exercise adopt | adopted | done`: a report is adopted in realm `real`; its actions become duties (E48)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.cli.act import Desk, act, choose, officer_options, view
from comity.cli.files import find_file_digest
from comity.cli.reporting import read_report
from comity.cli.terminal import emit, is_json, print_line, print_table, print_warning
from comity.exercise.report import Report, digest_report
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.procedure.after_action import ACTION_COUNT_MAX, AfterActionStatus
from comity.procedure.duty import DutyVerdict
from comity.procedure.play import ExerciseStatus

__all__ = ["add_adopting", "check_commitment", "find_same", "make_adoption"]

_COMMITMENT: Final = "C10"
_PATH: Final = "/v1/after-action"
_BINDS: Final = ("exercise", "report", "commitment", "actions")


def add_adopting(group: click.Group) -> None:
    """Add the commands."""

    @act(group, "adopt", help="Adopt an after-action report (.json): what of its actions is yours becomes your duty.")
    @click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
    @click.option("--under", default=_COMMITMENT, show_default=True, metavar="CLAUSE",
                  help=say("The commitment that the exercise served."))  # fmt: skip
    @officer_options
    def adopt(desk: Desk, file: Path, under: str, role: str, officer: str) -> list[str]:
        report = read_report(file)
        if report.status != ExerciseStatus.ENDED.value:
            raise UsageError("report.not-over")
        check_commitment(parse_pact(desk.client.read_pact().encode()), under)
        ours, by = make_adoption(report, under), {"role": role, "officer": officer}
        if len(report.improvements) > ACTION_COUNT_MAX:
            print_warning("The report has {count} corrective actions; the first {most} by number are adopted.",
                          count=len(report.improvements), most=ACTION_COUNT_MAX)  # fmt: skip
        there = [row for row in desk.client.get(_PATH) if row["report"] == ours["report"]]
        same = find_same(there, ours, report.audience)
        if same is not None:
            desk.to = tuple(same["audience"])
            return desk.state({"type": "ReportAdoptionJoined", "adoption": same["id"], "report": same["report"], **by})
        for row in there:
            print_warning("Not joined: {id} names this report with another commitment, other parties or other actions.",
                          id=row["id"][:16])  # fmt: skip
        desk.to = desk.check_parties(report.audience)
        return desk.state({"type": "ReportAdopted", **ours, **by})

    @act(group, "done", help="State that your party has done a corrective action of an adopted report.")
    @click.argument("number", type=click.IntRange(1, 65_535))
    @click.option("--id", "id_", default="", metavar="ID",
                  help=say("Which adoption, by the beginning of its id; the only one if left out."))  # fmt: skip
    @click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                  help=say("What shows it, for its SHA-256; it is not sent."))  # fmt: skip
    @officer_options
    def done(desk: Desk, number: int, id_: str, file: Path | None, role: str, officer: str) -> list[str]:
        row = _find(desk, id_)
        desk.to = tuple(row["audience"])
        evidence = [] if file is None else [find_file_digest(file)]
        return desk.state({"type": "ActionCompleted", "adoption": row["id"], "number": number, "evidence": evidence,
                           "role": role, "officer": officer})  # fmt: skip

    _add_list(group)


def check_commitment(pact: Pact, under: str) -> None:
    """Refuse a commitment that the pact does not have: its duties would rest on no clause.

    Raises:
        UsageError: `report.no-commitment`.
    """
    named = [row.id for row in pact.commitments]
    if under not in named:
        raise UsageError("report.no-commitment", clause=under[:40], clauses=", ".join(named))


def make_adoption(report: Report, under: str) -> dict[str, Any]:
    """Return what is adopted of a report, as `ReportAdopted` has it: at most so many actions, the first by number."""
    rows = sorted(report.improvements, key=lambda row: row.number)[:ACTION_COUNT_MAX]
    return {
        "exercise": report.name,
        "report": digest_report(report).hex(),
        "commitment": under,
        "actions": [{"number": row.number, "owner": row.owner, "due_at": row.due_at} for row in rows],
    }


def find_same(rows: Iterable[dict[str, Any]], ours: dict[str, Any], audience: Iterable[str]) -> dict[str, Any] | None:
    """Return the adoption that is what we would open ourselves; whoever joins one is bound to what its opener wrote."""
    wanted = (*map(ours.get, _BINDS), sorted(audience))
    for row in rows:
        actions = [{name: action[name] for name in ("number", "owner", "due_at")} for action in row["actions"]]
        if (*map({**row, "actions": actions}.get, _BINDS), sorted(row["audience"])) == wanted:
            return row
    return None


def _find(desk: Desk, beginning: str) -> dict[str, Any]:
    rows = desk.client.get(_PATH)
    if not rows:
        raise UsageError("cli.none-here", kind="after-action")
    return choose(rows, beginning)


def _add_list(group: click.Group) -> None:
    @view(group, "adopted", help="Show adopted reports, and whose corrective action is due when.")
    def adopted(desk: Desk) -> None:
        rows = desk.client.get(_PATH)
        if is_json():
            emit(rows)
            return
        for row in rows:
            print_line("{exercise}  {status}  {id}", style="bold", exercise=row["exercise"], id=row["id"][:16],
                       status=say_term(AfterActionStatus(row["status"])))  # fmt: skip
            print_line("Report {digest}, adopted by {parties}", digest=row["report"][:16],
                       parties=", ".join(row["adopted_by"]))  # fmt: skip
            print_table(
                ("no.", "owner", "due by", "state"),
                [
                    (action["number"], action["owner"], format_dtg(Instant(action["due_at"])),
                     say_term(DutyVerdict(action["verdict"])) if action["verdict"] else say("not adopted by its owner"))
                    for action in row["actions"]
                ],
            )  # fmt: skip
