"""Proofs asked of a running node: the same as of its pact's file, made once, beside all else that the node does."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from comity.api import proving
from comity.api.proof_view import show_statement
from comity.api.proving import Proofs
from comity.base.errors import OutageError, UsageError
from comity.procedure import proof
from comity.procedure.proof import Statement, prove
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from kit.api import TOKEN, Apis

PATH = "/v1/pact/proofs"


def test_they_are_those_of_the_pact_file(apis: Apis) -> None:
    """Every statement with what proves it, under the version in force."""
    machine = apis.nodes["KOR"].machine
    terms = compile_terms(machine.pact)
    found = apis.get(PATH, party="KOR")
    assert found["pact"] == machine.versions.current.digest.hex()
    assert found["statements"] == [show_statement(one, terms) for one in prove(terms)]
    assert found["is_proved"] is True


def test_no_request_waits_for_a_proof_and_it_is_made_once(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a search goes on other requests are answered; all who ask meanwhile and afterwards get that one."""
    go_on, begun, node = threading.Event(), 0, apis.nodes["KOR"]

    def prove_slowly(terms: ReleaseTerms) -> Iterator[Statement]:
        nonlocal begun
        begun += 1
        assert threading.current_thread() is not threading.main_thread()
        found = prove(terms)
        yield found[0]
        assert go_on.wait(60)
        yield found[1]

    monkeypatch.setattr(proving, "prove_each", prove_slowly)
    proofs = Proofs(node)

    async def ask() -> list[Any]:
        asked = [asyncio.create_task(proofs.find()) for _ in range(3)]
        impatient = asyncio.create_task(proofs.find())
        client = apis.find_client("KOR")
        status = await client.get("/v1/status", headers={"Authorization": f"Bearer {TOKEN}"})
        assert status.status_code == 200
        assert not any(task.done() for task in asked)
        impatient.cancel()
        go_on.set()
        return [*(await asyncio.gather(*asked)), await proofs.find()]

    views = apis.run(ask())
    assert [len(view["statements"]) for view in views] == [2, 2, 2, 2]
    assert begun == 1


def test_more_than_can_be_searched_is_refused_before_it_is_begun(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its code; and what was refused once is not remembered."""
    proofs = Proofs(apis.nodes["KOR"])
    with monkeypatch.context() as small:
        small.setattr(proof, "PROOF_DECISION_COUNT_MAX", 10)
        with pytest.raises(UsageError, match=r"proof\.too-large"):
            apis.run(proofs.find())
    assert apis.run(proofs.find())["is_proved"]


def test_a_node_that_ends_ends_the_search(apis: Apis, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the statement that is being proved; not where its disk is full, since nothing is stored."""
    node = apis.nodes["KOR"]
    begun: list[Statement] = []

    def prove_three(terms: ReleaseTerms) -> Iterator[Statement]:
        for statement in prove(terms)[:3]:
            begun.append(statement)
            yield statement

    monkeypatch.setattr(proving, "prove_each", prove_three)
    for code, count in (("node.stopped", 1), ("store.full", 3)):

        def check(code: str = code) -> None:
            raise OutageError(code)

        with monkeypatch.context() as ends:
            ends.setattr(node, "check_running", check)
            if code == "node.stopped":
                with pytest.raises(OutageError, match=r"node\.stopped"):
                    apis.run(Proofs(node).find())
            else:
                apis.run(Proofs(node).find())
        assert len(begun) == count
        begun.clear()
