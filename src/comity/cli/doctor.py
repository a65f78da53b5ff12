"""`comity doctor`: what is wrong with a home and its nodes, in plain words, and what to do about each.

It looks at the disk, and where a node runs it asks that node for what only it knows. Exit status 0: nothing but notes;
1: something to see to. Every finding has a code: `comity explain CODE`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from comity.api.doctor import show_finding
from comity.api.words import say
from comity.base.catalogue import CODES
from comity.base.errors import ComityError, OutageError, UsageError
from comity.cli.asking import Client, find_realm_path, home_option
from comity.cli.passphrase import open_home_asking
from comity.cli.terminal import emit, is_json, json_option, print_line
from comity.crypto.production import ProductionSuite
from comity.node.ceremony import PACT_FILE
from comity.node.doctor.at_rest import look_at_rest
from comity.node.doctor.finding import Finding, Weight, fault
from comity.node.doctor.keys import look_at_keys, look_at_vault
from comity.node.doctor.surroundings import find_exposed, look_at_surroundings, make_private
from comity.node.home import Home

__all__ = ["COMMANDS"]

Row = dict[str, Any]
_ORDER: Final = {weight.value: place for place, weight in enumerate(Weight)}
_STYLES: Final = {Weight.FAULT.value: "bold red", Weight.WARNING.value: "yellow", Weight.NOTE.value: ""}


@click.command(help=say("Look at a home and its nodes: what is wrong, and what to do about each finding."))
@home_option
@click.option("--realm", default="", help=say("Only this realm; all of them if left out."))
@click.option("--deep", is_flag=True, help=say("Work out the digest of every page of a store anew, too."))
@click.option("--fix", is_flag=True, help=say("Mend what needs no decision: permissions, streams of the outbox."))
@json_option
def doctor(home: Path, realm: str, deep: bool, fix: bool) -> int:
    """See `help` above."""
    opened = open_home_asking(home)
    paths = [find_realm_path(home, realm)] if realm else sorted((home / "realms").glob("*"))
    mended = _mend(opened, paths) if fix else []
    rows = [show_finding(finding) for finding in _look_at_home(opened)]
    about: dict[str, Row] = {}
    for path in (path for path in paths if path.is_dir()):
        asked = _ask(path)
        if isinstance(asked, dict):
            rows += asked.pop("findings")
            about[path.name] = asked
        is_running = isinstance(asked, dict)
        at_rest = look_at_rest(path, is_running=is_running, is_deep=deep, suite=ProductionSuite())
        rows += [show_finding(finding) for finding in at_rest]
        if isinstance(asked, Finding):
            rows.append(show_finding(asked))
    rows.sort(key=lambda row: _ORDER[row["weight"]])
    is_sound = all(row["weight"] == Weight.NOTE.value for row in rows)
    if is_json():
        emit({"is_sound": is_sound, "findings": [_explain(row) for row in rows], "nodes": about, "mended": mended})
    else:
        _print(rows, mended, is_sound=is_sound)
    return 0 if is_sound else 1


def _look_at_home(opened: Home) -> list[Finding]:
    """Look at what lies on the disk for the whole home: its surroundings, its keys."""
    found = [*look_at_surroundings(opened.path), *look_at_vault(opened)]
    if any(finding.code == "doctor.vault-closed" for finding in found):
        return found
    for realm in opened.find_realms():
        found += look_at_keys(opened, realm, ProductionSuite())
    return found


def _ask(path: Path) -> Row | Finding | None:
    """Ask the node of a realm; None where none answers, a finding where it answers with an error."""
    if not (path / PACT_FILE).exists():
        return None
    client = None
    try:
        client = Client(path.parent.parent, path.name)
        answer: Row = client.get("/v1/doctor")
    except (OutageError, UsageError) as error:
        return None if error.code in ("api.unreachable", "api.no-token") else fault(error.code, realm=path.name)
    finally:
        if client is not None:
            client.close()
    return answer


def _mend(opened: Home, paths: list[Path]) -> list[str]:
    """Do what needs no decision; return what was done, as codes of the findings that it is for."""
    done = []
    if find_exposed(opened.path):
        make_private(opened.path)
        done.append("doctor.exposed")
    for path in paths:
        try:
            client = Client(opened.path, path.name)
        except ComityError:
            continue
        try:
            if client.post("/v1/doctor/streams", None)["rebuilt_count"]:
                done.append("doctor.stream-behind")
        except ComityError:
            continue
        finally:
            client.close()
    return done


def _explain(row: Mapping[str, Any]) -> Row:
    code = CODES[row["code"]]
    return {**row, "says": say(code.says), "hint": say(code.hint)}


def _print(rows: Sequence[Mapping[str, Any]], mended: list[str], *, is_sound: bool) -> None:
    words = {"fault": say("fault"), "warning": say("caution"), "note": say("note")}
    for name in mended:
        print_line("mended: {says} [{code}]", says=say(CODES[name].says), code=name)
    for row in rows:
        code = CODES[row["code"]]
        shown = ", ".join(f"{field} {value}" for field, value in row["details"].items())
        print_line("{weight}: {says}", weight=words[row["weight"]], style=_STYLES[row["weight"]],
                   says=say(code.says) + (f" ({shown})" if shown else ""))  # fmt: skip
        print_line("    {hint} [{code}]", hint=say(code.hint), code=code.name)
    if is_sound:
        print_line("Nothing is wrong.", style="bold")
    else:
        count = sum(row["weight"] != "note" for row in rows)
        print_line("To see to: {count}.", count=count, style="bold")


COMMANDS = (doctor,)
