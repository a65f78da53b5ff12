"""The larger product of releases, run by `make release-table`: every list, and every topic set at every level.

What `test_release_table` cuts down by argument is compared here cell by cell; it takes minutes, and says how many.
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.release_table import Table, mark
from kit.releasing import profile_terms


def compare_whole(profile: str) -> int:
    """Compare both products of one profile; return the number of cells."""
    table = Table(profile_terms(profile).pact)
    stages = table.stages()
    for party in table.parties:
        rows = list(table.routes_of(party))
        lists = itertools.product(table.levels(party), table.topic_sets(), table.caveat_sets(every=True))
        table.compare([mark(party, *one) for one in lists], stages, rows)
        plain = itertools.product(table.levels(party, every=True), table.topic_sets(every=True), [(), ("ORCON",)])
        table.compare([mark(party, *one) for one in plain], stages, rows)
        print(f"{profile} {party}: equal so far in {table.count:,} cells", flush=True)
    return table.count


if __name__ == "__main__":
    total = sum(compare_whole(profile) for profile in ("camp-david", "harbour-aid"))
    print(f"equal in all {total:,} cells")
