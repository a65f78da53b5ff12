"""What the figures of a rehearsed scenario are called, and how they are written."""

from typing import Final

from comity.api.terms import say_term
from comity.api.words import say
from comity.pact.duty import DutyKind
from comity.procedure.verdict import Reason
from comity.rehearsal.lean.releasing import NO_CONSENT, NO_PACT
from comity.rehearsal.lean.summary import Figure

__all__ = ["FIGURES", "MINUTE_TICKS", "format_figure", "format_minutes", "say_figure", "say_of", "say_stage"]

FIGURES: Final = {
    "consultations": "consultations in a run",
    "median": "median time from the occurrence",
    "ninth-tenth": "nine of ten within",
    "reached": "share that got there",
    "concluded": "concluded by everybody",
    "lapsed": "lapsed",
    "late": "met late",
    "overdue": "never met",
    "excused": "excused",
    "withheld": "information that could not pass",
    "text-withheld": "drafts and offers that could not be put",
    "statements": "statements in a run",
    "messages": "pages to readers in a run",
    "bytes": "bytes to readers in a run",
    "delay": "mean delay of a page",
}
STAGES: Final = {
    "called": "called",
    "acknowledged": "acknowledged by all",
    "convened": "convened",
    "agreed": "text agreed",
    "matched": "measures matched",
}
REASONS: Final = {NO_PACT: "no pact between the two", NO_CONSENT: "its originator did not consent"}
_DUTIES: Final = {kind.value: kind for kind in DutyKind}
_REASONS: Final = {reason.value: reason for reason in Reason}
MINUTE_TICKS: Final = (
    (1, "1 min"),
    (5, "5 min"),
    (15, "15 min"),
    (60, "1 h"),
    (240, "4 h"),
    (1440, "1 d"),
    (7200, "5 d"),
)


def say_stage(stage: str) -> str:
    """Name a stage of a consultation."""
    return say(STAGES[stage])


def say_figure(figure: Figure) -> tuple[str, str]:
    """Name a figure, and what it is of: a stage, a duty or a clause."""
    return say(FIGURES[figure.name]), say_of(figure.of)


def say_of(of: str) -> str:
    """Name what a figure is of: a stage, a kind of duty, or a clause with the reason that it gave."""
    if of in STAGES:
        return say_stage(of)
    if of in _DUTIES:
        return say_term(_DUTIES[of])
    clause, _, reason = of.rpartition(": ")
    said = say_term(_REASONS[reason]) if reason in _REASONS else say(REASONS.get(reason, reason))
    return f"{clause}: {said}" if clause else said


def format_figure(figure: Figure | None, *, between: str = "  ") -> str:
    """Write a value, what stands between, and its interval; a dash where there is none."""
    if figure is None or figure.value is None:
        return "–"
    said = _format(figure.value, figure.unit)
    if figure.low is None or figure.high is None:
        return said
    return f"{said}{between}({_format(figure.low, figure.unit)} – {_format(figure.high, figure.unit)})"


def _format(value: float, unit: str) -> str:
    match unit:
        case "minutes":
            return format_minutes(value)
        case "share":
            return f"{value:.1%}"
        case "seconds":
            return f"{value:.1f} s"
        case "bytes":
            return f"{value / 1_000_000:.2f} MB"
        case _:
            return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def format_minutes(value: float) -> str:
    """Write a time in minutes as hours or days where those are plainer."""
    if value < 100:
        return f"{value:.1f} min"
    return f"{value / 60:.1f} h" if value < 48 * 60 else f"{value / 1440:.1f} d"
