"""Write vectors that are not there yet: `python tests/vectors/write_vectors.py`, by hand.

Vectors are only ever added. A case that is there is left as it is; to say something new, give it a new number. Every
case states the outcome that is due before it is replayed, and is not written if the journal room finds another.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit.vector import CASES, COMMON, FOLDER, Json, digest_of, read_json, replay, replay_file
from vectors.accepted_cases import ACCEPTED
from vectors.block_cases import BLOCKS
from vectors.edge_cases import EDGES
from vectors.file_cases import FILES
from vectors.refused_cases import REFUSED
from vectors.workshop import Workshop

BUILDERS = {**ACCEPTED, **REFUSED, **FILES, **EDGES, **BLOCKS}


def main() -> None:
    """Write what is missing and put its digest on the list."""
    CASES.mkdir(parents=True, exist_ok=True)
    if not COMMON.exists():
        _save(COMMON, Workshop(None, seed=b"common").common)
    common = read_json(COMMON)
    for name, build in BUILDERS.items():
        path = CASES / f"{name}.json"
        if not path.exists():
            _save(path, _finish(build(Workshop(common, seed=name.encode())), common))
            print(f"wrote {path.name}")


def _finish(case: Json, common: Json) -> Json:
    """Replay the case, stop if its outcome is not the one stated, and add what holds after it."""
    if case["kind"] != "pages":
        found = replay_file(case, common)
        assert found == case, f"{case['shows']}: {found['code'] or 'accepted'}, stated {case['code'] or 'accepted'}"
        return case
    found = replay(case, common)
    for index, (stated, step) in enumerate(zip(case["steps"], found["steps"], strict=True)):
        assert step == stated, f"{case['shows']}, step {index}: {_outcome(step)}, stated {_outcome(stated)}"
    return found


def _outcome(step: Json) -> Json:
    return {name: value for name, value in step.items() if name not in ("page", "statement")}


def _save(path: Path, content: Json) -> None:
    raw = (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
    path.write_bytes(raw)
    with (FOLDER / "SHA256SUMS").open("a", encoding="ascii") as sums:
        sums.write(f"{digest_of(raw).hex()}  {path.relative_to(FOLDER)}\n")


if __name__ == "__main__":
    main()
