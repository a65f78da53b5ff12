"""Who waits to hear that a statement is stored, by the number of the command."""

import asyncio
from typing import Final

from comity.base.errors import OutageError, UsageError
from comity.base.names import Digest
from comity.machine.effect import Answer

__all__ = ["Answers"]

ANSWER_WITHIN_S: Final = 30.0
"""How long a caller waits to hear that its statement is stored, before it is told that it may still come."""


class Answers:
    """Commands that are not answered yet."""

    def __init__(self) -> None:
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Answer]] = {}

    def begin(self) -> int:
        """Return the number of a new command, whose answer will be waited for."""
        self._number += 1
        self._waiting[self._number] = asyncio.get_running_loop().create_future()
        return self._number

    async def wait(self, command: int) -> tuple[Digest, ...]:
        """Return the ids of what a command stated, once it is stored.

        Raises:
            UsageError: as the release funnel and the machine refuse, with the clause.
            OutageError: `node.not-yet` if it did not come in time; or what `fail_all` was given.
        """
        try:
            answer = await asyncio.wait_for(self._waiting[command], ANSWER_WITHIN_S)
        except TimeoutError as error:
            raise OutageError("node.not-yet") from error
        finally:
            self._waiting.pop(command, None)
        if answer.code:
            raise UsageError(answer.code, **answer.details)
        return answer.ids

    def settle(self, answer: Answer) -> None:
        """Hand an answer to whoever waits for it."""
        future = self._waiting.get(answer.command)
        if future is not None and not future.done():
            future.set_result(answer)

    def fail_all(self, code: str, **details: object) -> None:
        """Tell everybody who waits that no answer will come."""
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(OutageError(code, **details))
