"""Judges generated histories with `comity.audit` and with `verifier/verify.py`, and counts those on which they agree.

`make opinions` runs 1,000; `compare_opinions.py COUNT [FIRST]` any others. A seed that differs is printed with what
differs, and the status is 1.
"""

import sys

from kit.opinions import compare


def main() -> int:
    """Compare seed by seed, with progress."""
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    apart, met = 0, set[str]()
    for done, seed in enumerate(range(first, first + count), 1):
        compared = compare(seed)
        met |= compared.met
        apart += bool(compared.differences)
        for difference in compared.differences:
            print(f"seed {seed}: {difference}", flush=True)
        if done % max(1, count // 20) == 0 or done == count:
            print(f"{done} of {count} histories, {done - apart} agree", flush=True)
    print(f"They agreed about: {', '.join(sorted(met))}.")
    print(f"Histories {first} to {first + count - 1}: the audit and the verifier agree on {count - apart} of {count}.")
    return min(apart, 1)


if __name__ == "__main__":
    raise SystemExit(main())
