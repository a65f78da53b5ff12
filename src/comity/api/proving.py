"""What is proved of the releases under the pact in force: `comity pact check --prove`, asked of a running node (R33).

Rules
- The searches run beside the node's one task, in a thread, on terms of their own; between two statements the node may
  end them. So no FLASH waits for a proof.
- They are made once for each version of the pact, however many ask, one version at a time; more than can be searched
  is refused before anything is.
"""

import asyncio

from litestar import get
from litestar.handlers import HTTPRouteHandler

from comity.api.proof_view import show_statement
from comity.api.views.release import Proved
from comity.base.errors import OutageError
from comity.base.names import Digest
from comity.node.node import Node
from comity.pact.lineage import Version
from comity.procedure.proof import prove_each
from comity.procedure.release_terms import compile_terms

__all__ = ["Proofs", "make_proving"]


class Proofs:
    """The proofs at one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._found: dict[Digest, asyncio.Task[Proved]] = {}

    async def find(self) -> Proved:
        """Return every statement about the version in force, each proved or with the chain that breaks it.

        Raises:
            UsageError: `proof.too-large`.
            OutageError: `node.stopped`, `node.stopping`, where the node ended in between.
        """
        version = self._node.machine.versions.current
        task = self._found.get(version.digest)
        if task is None or (task.done() and task.exception() is not None):
            task = asyncio.create_task(self._prove(version, after=tuple(self._found.values())))
            self._found = {version.digest: task}
        return await asyncio.shield(task)  # who gives up waiting ends it for nobody else

    async def _prove(self, version: Version, *, after: tuple["asyncio.Task[Proved]", ...]) -> Proved:
        await asyncio.gather(*after, return_exceptions=True)  # one search at a time
        terms = compile_terms(version.pact)
        proving = prove_each(terms)
        statements = []
        while (statement := await asyncio.to_thread(next, proving, None)) is not None:
            self._check_running()
            statements.append(show_statement(statement, terms))
        is_proved = all(statement["is_proved"] for statement in statements)
        return {"pact": version.digest.hex(), "is_proved": is_proved, "statements": statements}

    def _check_running(self) -> None:
        try:
            self._node.check_running()
        except OutageError as error:
            if error.code != "store.full":  # nothing is stored here
                raise


def make_proving(node: Node) -> list[HTTPRouteHandler]:
    """Return the path."""
    proofs = Proofs(node)

    @get("/v1/pact/proofs", summary="How far each party's information can get by any chain, with proofs")
    async def prove() -> Proved:
        return await proofs.find()

    return [prove]
