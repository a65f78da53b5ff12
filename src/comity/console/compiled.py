"""Templates once compiled, kept beside them as Python keeps its modules: over a third of a node's start otherwise.

Where the folder cannot be written, or Python is told to keep nothing compiled, each start compiles them anew. What is
kept is as trusted as the modules beside it, and is for one source, one Python, one Jinja and one set of settings.
"""

import contextlib
import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache

__all__ = ["CompiledTemplates"]


class CompiledTemplates(FileSystemBytecodeCache):
    """What is kept compiled for templates that are read with these settings."""

    def __init__(self, templates: Path, settings: Mapping[str, object]) -> None:
        """Keep it in `__pycache__` beside the templates."""
        named = repr((jinja2.__version__, dict(settings)))
        kind = hashlib.sha256(named.encode()).hexdigest()[:16]
        super().__init__(str(templates / "__pycache__"), f"%s.{sys.implementation.cache_tag}.{kind}")

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read what is kept; what cannot be read is as if there were nothing."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 -- torn or foreign bytes raise what they like, and the source is at hand
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, where that is wanted and possible."""
        if sys.dont_write_bytecode:
            return
        with contextlib.suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)
