"""What a console loads the first time, as it goes over the wire: little, for slow lines and old machines."""

import gzip
import re

from kit.api import Apis
from kit.console import Browser

WEIGHT_BYTES_MAX = 300 * 1_000


def test_the_first_load_is_light(apis: Apis) -> None:
    """Page, style sheets and scripts together, compressed; what an island of another page needs counts too."""
    browser = Browser(apis)
    browser.sign_in()
    page = browser.get("/")
    loaded = set(re.findall(r'(?:href|src|data-tick|data-icon-alert)="(/assets/[^"]+)"', page.text))
    assert len(loaded) >= 4
    bodies = {path: browser.get(path, headers={"Accept-Encoding": "br"}) for path in loaded}
    assert all(answer.headers["content-encoding"] == "br" for answer in bodies.values())
    sizes = {path: int(answer.headers["content-length"]) for path, answer in bodies.items()}
    assert sum(sizes.values()) + len(gzip.compress(page.content)) < WEIGHT_BYTES_MAX, sizes
