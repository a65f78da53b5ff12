"""The style sheets of all pages are one sheet in the end: what one page means by a name must not fall on another's."""

import re
from collections import defaultdict
from pathlib import Path

STYLE = Path(__file__).parents[2] / "web" / "style"
BARE = re.compile(r"^\.([a-z][a-z-]*) \{", re.MULTILINE)


def test_no_two_sheets_lay_out_the_same_bare_class() -> None:
    """A table of answers was a list of answers, laid out as one, since another page had named its list so."""
    found: dict[str, list[str]] = defaultdict(list)
    for sheet in sorted(STYLE.glob("*.css")):
        for name in sorted(set(BARE.findall(sheet.read_text(encoding="utf-8")))):
            found[name].append(sheet.name)
    twice = {name: sheets for name, sheets in found.items() if len(sheets) > 1}
    assert twice == {}, "say which element it is of, or put it into parts.css"
