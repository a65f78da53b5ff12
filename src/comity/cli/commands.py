"""Gathers the groups into one command and maps errors to exit statuses."""

from typing import Final

import click

from comity import __version__
from comity.api.words import say
from comity.base.errors import ComityError, OutageError, UsageError
from comity.cli.help_page import Chapter, HelpPage
from comity.cli.rooms import Rooms
from comity.cli.terminal import is_json, lang_option, print_error, print_warning
from comity.cli.usage import say_usage
from comity.node.room import is_no_room
from comity.pact.findings import FileRefused

__all__ = ["comity", "run"]


_ROOMS: Final = {
    "account": ("account",),
    "action": ("measures",),
    "areas": ("calendar",),
    "approve": ("officers",),
    "audit": ("audit",),
    "backup": ("backup",),
    "calendar": ("calendar",),
    "cap": ("alerts",),
    "consult": ("consult",),
    "consumer": ("consumers",),
    "contacts": ("contacts",),
    "demo": ("demo",),
    "disclose": ("disclose",),
    "disclosed": ("disclose",),
    "doctor": ("doctor",),
    "drop": ("drop",),
    "duties": ("look",),
    "exercise": ("exercise",),
    "explain": ("explain",),
    "export": ("exchange",),
    "import": ("exchange", "deposits"),
    "indicator": ("indicators",),
    "init": ("ceremonies",),
    "inquiry": ("inquiry",),
    "item": ("items", "compose", "attaching", "item_copies", "item_requests"),
    "key": ("keys",),
    "line": ("hotline",),
    "measure": ("measures",),
    "meeting": ("meetings",),
    "message": ("hotline", "phrases"),
    "node": ("node",),
    "officer": ("officers", "enrolling", "provider"),
    "outbox": ("outbox",),
    "pact": ("pact_files", "ceremonies", "pact_life", "pact_beside", "what_if"),
    "pair": ("ceremonies",),
    "plan": ("plans",),
    "quarantine": ("quarantine",),
    "reads": ("reads",),
    "recall": ("recall",),
    "recover": ("recover",),
    "rehearse": ("rehearse",),
    "release": ("release",),
    "restore": ("backup",),
    "root": ("keys",),
    "roster": ("officers",),
    "alarm": ("alarms",),
    "shift": ("shifts",),
    "spillage": ("inquiry",),
    "standby": ("standby",),
    "status": ("node",),
    "text": ("texts", "drafting"),
    "threat": ("consult",),
    "timeline": ("look",),
    "upgrade": ("upgrade",),
    "voice": ("phrases",),
    "warning": ("warning", "sensing", "replaying", "areas_at_risk", "drafts"),
}


SHOWN_COUNT_MAX: Final = 20
"""Of what is wrong with a file; `comity pact check` prints all."""

click.Context.formatter_class = HelpPage

_CHAPTERS: Final = (
    Chapter(
        say("On watch"),
        ("status", "timeline", "duties", "threat", "consult", "alarm", "message", "voice", "line", "text", "measure",
         "action", "plan", "meeting", "shift", "item", "indicator", "warning", "release", "recall", "quarantine",
         "inquiry", "spillage", "disclose", "disclosed"),
    ),
    Chapter(
        say("Keep it running"),
        ("doctor", "node", "contacts", "backup", "restore", "export", "import", "upgrade", "standby", "outbox", "key",
         "root", "recover"),
    ),
    Chapter(say("Officers"), ("officer", "roster", "approve", "reads")),
    Chapter(say("Other systems"), ("cap", "calendar", "areas", "drop")),
    Chapter(say("Set up"), ("init", "pair", "pact", "consumer")),
    Chapter(say("Prove, rehearse, look up"), ("audit", "account", "rehearse", "exercise", "demo", "explain")),
)  # fmt: skip


@click.group(
    cls=Rooms,
    rooms=_ROOMS,
    chapters=_CHAPTERS,
    help=say("Comity: software for sovereign parties who have promised to consult.")
    + "\n\n"
    + say("In trouble: comity doctor"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@lang_option
@click.version_option(__version__, prog_name="comity")
def comity() -> None:
    """Gather the groups; see `help` above."""


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit status."""
    with click.Context(comity) as root:
        # The command's own context is gone when its error is printed.
        root.meta["comity.json"] = "--json" in arguments
        try:
            result = comity.main(arguments, prog_name="comity", standalone_mode=False, parent=None)
        except ComityError as error:
            return _print_error(root, error)
        except OSError as error:
            if not is_no_room(error):
                raise
            return _print_error(root, OutageError("store.full"))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            return 2
        except click.ClickException as error:
            asked = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "comity"
            return _print_error(root, UsageError("cli.usage", why=say_usage(error), command=asked))
        except (click.Abort, KeyboardInterrupt):
            click.echo(say("stopped"), err=True)
            return 130
    return result if isinstance(result, int) else 0


def _print_error(root: click.Context, error: ComityError) -> int:
    """Print an error and return its exit status."""
    with root.scope(cleanup=False):
        print_error(error)
        if isinstance(error, FileRefused) and not is_json():
            from comity.api.finding_words import say_finding  # noqa: PLC0415 -- most commands read no pact file

            for finding in error.findings[:SHOWN_COUNT_MAX]:
                print_warning("line {line}: {says} [{code}]", line=finding.line, says=say_finding(finding),
                              code=finding.code)  # fmt: skip
    return error.row.exit_status
