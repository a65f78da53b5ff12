"""Items on a terminal: each portion under its marking, how it is handled here, how sure its author is.

A likelihood and a confidence stand on lines of their own, so that nobody reads them as one phrase (ICD 203).
"""

from collections.abc import Mapping
from typing import Any

from comity.api.row_words import format_size
from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.terminal import print_line, print_text, print_warning
from comity.procedure.assessment import Confidence, Likelihood
from comity.procedure.threat import Credibility, Reliability

__all__ = [
    "format_handled",
    "format_marking",
    "print_awaited",
    "print_head",
    "print_portion",
    "print_tear_line",
]

View = Mapping[str, Any]


def format_marking(marking: View) -> str:
    """Return a marking in one line, as its originator wrote it."""
    return "; ".join([marking["level"], ", ".join(marking["topics"]), *marking["caveats"]])


def format_handled(handled: View | None) -> str:
    """Return a level of a receiver's own scheme: as it is written there, in Latin letters, and in which language."""
    if handled is None:
        return say("no equivalent level")
    local, romanised = handled["local"], handled["romanised"]
    both = local if local == romanised else f"{local} {romanised}"
    return f"{handled['level']} ({both}, {handled['language']})"


def print_awaited(digest: str) -> None:
    """Say that an item is not given yet, with the digest of the act that a second officer approves; else nothing."""
    if digest:
        print_warning("this is not stated yet: it waits for a second officer")
        print_text(f"  comity approve give {digest[:16]}")


def print_head(read: View) -> None:
    """Print whose item it is, its banner, how it is handled here, and until when it may be given."""
    print_line("{originator}  {marking}", style="bold", originator=read["originator"],
               marking=format_marking(read["marking"]))  # fmt: skip
    print_line("handled here as {level}; made at {at}", level=format_handled(read["handled_as"]),
               at=format_dtg(Instant(read["made_at"])))  # fmt: skip
    for end in read["expires_at"]:
        at = format_dtg(Instant(end))
        if read["is_expired"]:
            print_line("EXPIRED at {at}: destroy it; it may be given to nobody", style="bold red", at=at)
        else:
            print_line("expires at {at}", at=at)


def print_portion(portion: View) -> None:
    """Print one portion; of a draft, how each of its recipients handles it, else how it is handled here."""
    print_text("")
    print_line("({marking}) {number}", style="bold", marking=format_marking(portion["marking"]),
               number=portion["number"])  # fmt: skip
    for party, handled in portion.get("handled_by", {}).items():
        print_line("{party} handles it as {level}", style="dim", party=party, level=format_handled(handled))
    if "handled_by" not in portion:
        print_line("handled here as {level}", style="dim", level=format_handled(portion["handled_as"]))
    if portion["kind"] == "attachment":
        attachment = portion["attachment"]
        print_line("attachment: {name}, {media}, {size}", name=attachment["name"], media=portion["media"],
                   size=format_size(attachment["size_bytes"]))  # fmt: skip
    elif portion["kind"] == "attribution":
        print_line("attributed to: {whom}", whom=portion["text"])
    elif portion["kind"] == "object":
        print_line("object for machines: {media}, {size}", media=portion["media"],
                   size=format_size(len(portion["text"])))  # fmt: skip
    else:
        print_text(portion["text"])
    _print_assessment(portion)


def _print_assessment(portion: View) -> None:
    if portion["likelihood"]:
        print_line("likelihood: {word}", word=say_term(Likelihood(portion["likelihood"])))
    if portion["confidence"]:
        print_line("confidence: {word}", word=say_term(Confidence(portion["confidence"])))
    source = [say_term(Reliability(portion["reliability"]))] if portion["reliability"] else []
    source += [say_term(Credibility(portion["credibility"]))] if portion["credibility"] else []
    if source:
        print_line("source: {grades}", grades="; ".join(source))


def print_tear_line() -> None:
    """Print what stands between two items of one draft; only their composer ever sees it."""
    print_text("")
    print_text("- " * 8 + say("tear line") + " -" * 8)
    print_text("")
