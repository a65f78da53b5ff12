"""The command `comity`: chooses the language, gathers the groups, turns errors into two lines and an exit status.

    comity: error: what is wrong
    comity: hint: what to do about it

Exit status: 0 done, 1 done and the answer is no (findings), 2 usage, 3 another party's bytes, 4 an outage. `--json`
prints errors as JSON on standard output, so that a script reads one stream.
"""

import sys

from comity.api.words import choose_language

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    if not __debug__:
        sys.exit("comity: error: assertions guard the record; do not run Python with -O (docs/adr/0003)")
    given = sys.argv[1:] if arguments is None else arguments
    _choose_language(given)
    # Help texts are translated when the commands are defined, so the language has to be known before.
    from comity.cli.commands import run  # noqa: PLC0415

    sys.exit(run(given))


def _choose_language(arguments: list[str]) -> None:
    for at, argument in enumerate(arguments):
        if argument == "--lang" and at + 1 < len(arguments):
            choose_language(arguments[at + 1])
        elif argument.startswith("--lang="):
            choose_language(argument.removeprefix("--lang="))
