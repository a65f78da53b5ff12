"""Runs on processes of their own, in the order of what they are of; they end with whoever started them."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import TypeVar

__all__ = ["run_each"]

Outcome = TypeVar("Outcome")


def run_each(
    run: Callable[[int], Outcome], numbers: Iterable[int], *, workers: int, together: int
) -> Iterator[Outcome]:
    """Yield the outcome of each number, in the order given; a worker gets so many `together`. One worker is us."""
    if workers <= 1:
        yield from map(run, numbers)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        yield from pool.map(run, numbers, chunksize=together)


def _end_with_parent() -> None:
    """Let this process end when the one that started it has, however that ended: nobody wants its seeds any more."""
    parent = parent_process()
    assert parent is not None, "a worker is started by somebody"

    def watch() -> None:
        wait((parent.sentinel,))
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
