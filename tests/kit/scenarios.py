"""A small scenario without chance, for tests of what follows from it."""

from comity.base.instants import MINUTE_MS
from comity.rehearsal.scenario.model import Act

__all__ = ["HEAD", "write"]

HEAD = """
[scenario]
format = 1
id = "small"
title = { en = "Small" }
days = 20
line_test_every_ms = 864000000
[[event]]
id = "launch"
after_ms = 3600000
kind = "missile-launch"
topic = "dprk-missile"
threatened = ["KOR"]
[delivery]
median_ms = 1000
spread_percent = 0
"""
MEDIANS = dict.fromkeys(Act, MINUTE_MS)


def write(head: str = HEAD, habit: str = "offer_percent = 100\nanswer_line_percent = 100", **medians: int) -> bytes:
    """Return a scenario without chance: a minute for each act, or what is given."""
    paces = "".join(
        f'[[pace]]\nact = "{act.value}"\nmedian_ms = {medians.get(act.value, span_ms)}\n'
        for act, span_ms in MEDIANS.items()
    )
    return f"{head}\n{paces}\n[[habit]]\n{habit}\n".encode()
