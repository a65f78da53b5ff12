"""Draw the pictures of the terminal that README and the guide use: run the commands, keep what they print, as SVG.

Run by `make pictures`. Each picture is what the command printed, nothing added.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
WIDTH = 108
PICTURES = {
    "demo": (("demo", "--folder", "demo-homes"), 0, 60, "make demo"),
    "audit": (("audit", "demo-homes/JPN", "demo-homes/KOR", "demo-homes/USA", "--open"), 0, 40, "comity audit"),
    "account": (("account", "--as-of", "2026-11-23"), 0, 46, "comity account"),
    "prove": (("pact", "check", "--prove", "camp-david"), 0, 22, "comity pact check --prove camp-david"),
    "release": (
        (
            "release",
            "preview",
            "--pact",
            "camp-david",
            "--party",
            "KOR",
            "--level",
            "KOR-II",
            "--topic",
            "dprk-missile",
            "--at",
            "2026-11-23",
        ),
        0,
        40,
        "comity release preview --pact camp-david --party KOR --level KOR-II --topic dprk-missile",
    ),
}


def draw(name: str) -> None:
    """Run one command and write its picture."""
    arguments, first, count, title = PICTURES[name]
    environment = {
        **os.environ,
        "FORCE_COLOR": "1",
        "COLUMNS": str(WIDTH),
        "COMITY_LANG": "en",
        "TERM": "xterm-256color",
    }
    command = [sys.executable, "-m", "comity.cli", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    lines = done.stdout.splitlines()[first : first + count]
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"), force_terminal=True)  # noqa: PTH123, SIM115
    for line in lines:
        console.print(Text.from_ansi(line))
    # No font server is asked: the reader's own monospace font serves.
    layout = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    drawn = console.export_svg(title=title, code_format=layout)
    (HERE / f"{name}.svg").write_text(LED_BY_SPACE.sub(_move, drawn))


LED_BY_SPACE = re.compile(r'x="([\d.]+)"([^>]*) textLength="([\d.]+)"([^>]*)>((?:&#160;)+)')
CELL_WIDTH = 12.2


def _move(found: re.Match[str]) -> str:
    """Begin a piece of text where its first letter stands: some viewers drop the spaces before it."""
    width = found[5].count(";") * CELL_WIDTH
    return f'x="{float(found[1]) + width:g}"{found[2]} textLength="{float(found[3]) - width:g}"{found[4]}>'


if __name__ == "__main__":
    for chosen in sys.argv[1:] or PICTURES:
        draw(chosen)
