"""Write the table of the page on 2019 to 2023 and draw its picture, from what `comity release story` answers.

Run by `make pictures`; a test holds that page and picture are what this writes. Nothing in them is typed by hand: the
rows come from the pact file, what passes from the release funnel.
"""

import itertools
from pathlib import Path
from typing import Any

from comity.api.story_view import show_story
from comity.base.instants import parse_instant
from comity.cli.pact_source import read_pact_file
from comity.pact.parse import parse_pact

HERE = Path(__file__).parent
PAGE = HERE.parent / "guide/story.md"
PICTURE = HERE / "story.svg"
DATES = ("2016-11-22", "2016-11-23", "2019-08-21", "2019-08-22", "2019-11-22", "2019-11-23", "2020-01-01",
         "2023-03-16", "2023-03-21", "2026-11-23")  # fmt: skip
HEAD = "| date | state | topics | directly | by others | not at all |\n|---|---|---|---|---|---|\n"


def read_story(dates: tuple[str, ...] = DATES) -> dict[str, Any]:
    """Ask what could pass from Seoul to Tokyo at these dates."""
    pact = parse_pact(read_pact_file("camp-david"))
    instants = [parse_instant(date) for date in dates]
    return show_story(pact, agreement="jpn-kor-gsomia", giver="KOR", receiver="JPN", instants=instants)


def write_page(page: str) -> str:
    """Return the page with both tables written anew."""
    view = read_story()
    for name, scenes in (("as it was", view["scenes"]), ("had it run out", view["if_notice_ran_out"])):
        begin, end = f"<!-- {name} -->\n\n", "<!-- end -->"
        head, found, rest = page.partition(begin)
        assert found, f"the page has no place for {name}"
        page = head + begin + write_table(scenes) + "\n" + end + rest.partition(end)[2]
    return page


def write_table(scenes: list[dict[str, Any]]) -> str:
    """Write one row for each date and set of topics."""
    rows = []
    for scene in scenes:
        standing = scene["standing"]
        state = standing["state"].replace("-", " ") + (", contested" if standing["is_contested"] else "")
        for number, passage in enumerate(scene["passages"]):
            first = (scene["date"], state) if number == 0 else ("", "")
            cells = (*first, ", ".join(passage["topics"]), *write_cells(passage))
            rows.append("| " + " | ".join(cells) + " |\n")
    return HEAD + "".join(rows)


def write_cells(passage: dict[str, Any]) -> tuple[str, str, str]:
    """Write what goes directly, what by others and with whose consent, and from where on nothing goes."""
    direct, others, stopped = passage["direct"], passage["by_others"], passage["stopped_from"]
    own = by = "nothing"
    if direct is not None:
        own = f"up to {direct['level']['level']}, `{direct['chain']['steps'][0]['clause']}`"
    if others is not None:
        last = others["chain"]["steps"][-1]
        of = f", {' and '.join(last['consents_of'])} consenting" if last["consents_of"] else ""
        by = f"up to {others['level']['level']} by {last['giver']}, `{last['clause']}`{of}"
    return own, by, "–" if stopped is None else f"from {stopped['level']} on"


BEGIN, UNTIL, LEFT, RIGHT = "2016-07-01", "2027-01-01", 275, 1080
COLOURS = {"KOR-II": "#2f6f4f", "KOR-OPEN": "#9fc7b0", "": "#d8d8d8"}
EVENTS = (
    ("2016-11-23", "in force", 0), ("2019-08-22", "notice", 0), ("2019-11-23", "its end", 1),
    ("2023-03-21", "notice withdrawn", 0), ("2023-08-18", "Camp David", 1),
)  # fmt: skip
LANES = (
    ("directly, as it was", "scenes", "direct"),
    ("directly, had the notice run out", "if_notice_ran_out", "direct"),
    ("by the hub, Seoul consenting", "if_notice_ran_out", "by_others"),
)


def draw() -> str:
    """Draw how far missile warnings may go from Seoul to Tokyo, day by day, as it was and had the notice run out."""
    turns = ("2016-07-01", "2016-11-23", "2019-08-22", "2019-11-22", "2019-11-22T15:00Z", "2023-03-21", "2023-08-18")
    view = read_story(turns)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1100 300" font-family="sans-serif" font-size="15">',
        "<title>What may go from Seoul to Tokyo on missile threats, 2016 to 2026</title>",
        '<rect width="1100" height="300" fill="#ffffff"/>',
    ]
    for number, (label, which, way) in enumerate(LANES):
        top = 90 + 55 * number
        parts.append(f'<text x="12" y="{top + 20}">{label}</text>')
        for (at, until), scene in zip(_list_spans(turns), view[which], strict=True):
            level = _find_level(scene, way)
            left, width = _place(at), _place(until) - _place(at)
            parts.append(f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="30" fill="{COLOURS[level]}"/>')
    parts += [_draw_event(*event) for event in EVENTS]
    parts += [_draw_year(year) for year in range(2017, 2027)]
    legend = (("KOR-II", "up to the second grade"), ("KOR-OPEN", "open text only"), ("", "nothing"))
    for number, (level, words) in enumerate(legend):
        left = LEFT + 250 * number
        parts.append(f'<rect x="{left}" y="272" width="16" height="16" fill="{COLOURS[level]}"/>')
        parts.append(f'<text x="{left + 24}" y="286">{words}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _list_spans(turns: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(itertools.pairwise((*turns, UNTIL)))


def _find_level(scene: dict[str, Any], way: str) -> str:
    """The highest level that goes this way on missile threats; by others, only what does not go directly counts."""
    passage = next(row for row in scene["passages"] if "dprk-missile" in row["topics"])
    found = passage[way]
    return "" if found is None else str(found["level"]["level"])


def _place(date: str) -> float:
    begin, until = parse_instant(BEGIN), parse_instant(UNTIL)
    return LEFT + (RIGHT - LEFT) * (parse_instant(date) - begin) / (until - begin)


def _draw_event(date: str, words: str, row: int) -> str:
    left, top = _place(date), 40 + 22 * row
    anchor, aside = ("start", 5) if row else ("end", 0)
    return (
        f'<line x1="{left:.1f}" y1="{top + 4}" x2="{left:.1f}" y2="235" stroke="#444444" stroke-dasharray="3 3"/>'
        f'<text x="{left + aside:.1f}" y="{top}" text-anchor="{anchor}" font-size="13">{words}</text>'
    )


def _draw_year(year: int) -> str:
    left = _place(f"{year}-01-01")
    return f'<text x="{left:.1f}" y="256" text-anchor="middle" font-size="13" fill="#555555">{year}</text>'


if __name__ == "__main__":
    PAGE.write_text(write_page(PAGE.read_text("utf-8")), "utf-8")
    PICTURE.write_text(draw(), "utf-8")
