"""Gathers the groups into one command and maps errors to exit statuses."""

import click

from comity import __version__
from comity.api.words import say
from comity.base.errors import ComityError, OutageError, UsageError
from comity.cli import (
    account,
    audit,
    backup,
    ceremonies,
    consult,
    demo,
    disclose,
    doctor,
    explain,
    hotline,
    items,
    keys,
    look,
    measures,
    node,
    outbox,
    pact_files,
    pact_life,
    recover,
    rehearse,
    standby,
    texts,
    upgrade,
)
from comity.cli.terminal import lang_option, print_error
from comity.node.room import is_no_room

__all__ = ["comity", "run"]


@click.group(
    help=say("Comity: software for sovereign parties who have promised to consult."),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@lang_option
@click.version_option(__version__, prog_name="comity")
def comity() -> None:
    """Gather the groups; see `help` above."""


for _module in (
    demo,
    ceremonies,
    pact_files,
    pact_life,
    rehearse,
    node,
    standby,
    outbox,
    consult,
    texts,
    measures,
    hotline,
    items,
    disclose,
    keys,
    look,
    account,
    audit,
    doctor,
    backup,
    recover,
    upgrade,
    explain,
):
    for _command in _module.COMMANDS:
        comity.add_command(_command)


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
            return _print_error(root, UsageError("cli.usage", why=error.format_message(), command=asked))
        except (click.Abort, KeyboardInterrupt):
            click.echo(say("stopped"), err=True)
            return 130
    return result if isinstance(result, int) else 0


def _print_error(root: click.Context, error: ComityError) -> int:
    """Print an error and return its exit status."""
    with root.scope(cleanup=False):
        print_error(error)
    return error.row.exit_status
