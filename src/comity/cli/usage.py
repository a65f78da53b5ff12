"""What is wrong with a command line, in the reader's language: click finds it, here it is said."""

import click

from comity.api.words import say

__all__ = ["say_usage"]

_EXTRA = "Got unexpected extra argument"


def say_usage(error: click.ClickException) -> str:
    """Return what is wrong in one phrase, with what was typed in it; click's own words where there are no others."""
    match error:
        case click.MissingParameter():
            return say("{what} is missing", what=_name(error))
        case click.NoSuchOption():
            return _with_near(say("there is no option {name}", name=error.option_name), error.possibilities)
        case click.exceptions.NoSuchCommand():
            return _with_near(say("there is no command {name}", name=error.command_name), error.possibilities)
        case click.BadOptionUsage():
            return say("{what} takes a value", what=error.option_name)
        case click.BadParameter():
            return _say_bad(error)
        case click.UsageError() if error.message.startswith(_EXTRA):
            words = error.message.partition("(")[2].rstrip(").")
            return say("more words than it takes: {words}", words=words)
    return error.format_message()


def _say_bad(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    match kind:
        case click.Choice(choices=choices):
            return say("{what} is one of: {choices}", what=_name(error), choices=", ".join(map(str, choices)))
        case click.types.IntParamType() | click.IntRange():
            return say("{what} is a whole number", what=_name(error))
        case click.Path(exists=True):
            path = error.message.partition("'")[2].rpartition("'")[0]
            return say(
                "{what}: {path} is not there, is of another kind or cannot be read", what=_name(error), path=path
            )
    return say("{what}: {why}", what=_name(error), why=error.message)


def _name(error: click.BadParameter) -> str:
    """Return an option as it is typed, an argument as the help shows it."""
    param = error.param
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    if param is not None:
        return param.make_metavar(error.ctx) if error.ctx is not None else str(param.name)
    hint = error.param_hint
    return hint if isinstance(hint, str) else ", ".join(hint or ()) or "?"


def _with_near(said: str, near: list[str] | None) -> str:
    return said + " " + say("(did you mean {names}?)", names=", ".join(near)) if near else said
