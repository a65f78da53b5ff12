"""The tokens that officers show to a ceremony: from files, else typed at the terminal, each unseen."""

import sys
from pathlib import Path
from typing import Any, Final

import click

from comity.api.words import say
from comity.base.instants import Instant
from comity.cli.files import read_beginning
from comity.cli.passphrase import ask_passphrase
from comity.node.ceremony_officers import check_ceremony, find_needed
from comity.pact.model import Pact

__all__ = ["stand_by", "token_option"]

SIZE_BYTES_MAX: Final = 2048


def token_option(command: Any) -> Any:
    """Add `--token-file` to a ceremony."""
    return click.option(
        "--token-file",
        "token_files",
        type=click.Path(path_type=Path, dir_okay=False),
        multiple=True,
        help=say("A file with the token of an officer who stands by; may be repeated. Else they are asked for."),
    )(command)


def stand_by(path: Path, pact: Pact, files: tuple[Path, ...], *, at: Instant) -> None:
    """Let a ceremony begin if the officers that the pact asks for show their tokens.

    Raises:
        UsageError: as `check_ceremony`.
    """
    needed = find_needed(path, pact)
    tokens = [read_beginning(file, size_bytes_max=SIZE_BYTES_MAX).decode("utf-8", "replace") for file in files]
    if not files and sys.stdin.isatty():
        tokens = [
            ask_passphrase(say("Token of officer {number} of {needed}", number=number, needed=needed)).decode()
            for number in range(1, needed + 1)
        ]
    check_ceremony(path, pact, tokens, at=at)
