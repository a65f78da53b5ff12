"""Consumers at a node's desk: add one and show its token once, list them, remove one; as JSON values."""

from typing import Annotated, cast

import msgspec
from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from comity.api.desk import Desk
from comity.api.form import simplify
from comity.api.views.exchange import AddedConsumer, ConsumerShown, Named
from comity.crypto.password import draw_secret, hash_password
from comity.exchange.consumer import Adding, Consumer, Format, Reporting, check_consumer
from comity.exchange.register import Register
from comity.node.administered import note_administered
from comity.node.node import Node

__all__ = ["Introducing", "add_consumer", "list_consumers", "make_consumer_routes", "remove_consumer"]


class Introducing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A consumer to add: its name, the party on whose behalf it reads, what it may ask for, and its ceilings."""

    name: Annotated[str, msgspec.Meta(max_length=32)]
    party: Annotated[str, msgspec.Meta(max_length=12)]
    formats: Annotated[tuple[Format, ...], msgspec.Meta(min_length=1, max_length=8)]
    level: Annotated[str, msgspec.Meta(max_length=48)] = ""
    topics: Annotated[tuple[str, ...], msgspec.Meta(max_length=64)] = ()
    adding: Adding | None = None
    reporting: Reporting | None = None


def add_consumer(node: Node, register: Register, wish: Introducing) -> AddedConsumer:
    """Add a consumer; the answer holds its token, which is shown this once and kept nowhere.

    Raises:
        UsageError: `consumer.malformed`, `consumer.exists`, `consumer.too-many-kept`.
    """
    secret = draw_secret()
    adding = wish.adding
    if adding is not None:
        adding = Adding(_sort(adding.to), _sort(adding.topics), adding.level, _sort(adding.caveats))
    formats = tuple(sorted(wish.formats))
    ceilings = (wish.level, _sort(wish.topics))
    consumer = Consumer(wish.name, wish.party, formats, "", node.now(), *ceilings, adding, wish.reporting)
    check_consumer(consumer, pact=node.machine.pact, own=node.machine.party)
    register.add(msgspec.structs.replace(consumer, kept=hash_password(secret.encode())))
    note_administered(node.machine.party, "consumer.add", consumer.name)
    return {**_show(consumer), "token": f"{consumer.name}.{secret}"}


def list_consumers(register: Register) -> list[ConsumerShown]:
    """Return every consumer, without what its token is compared with."""
    return [_show(consumer) for consumer in register.list()]


def _sort(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


def _show(consumer: Consumer) -> ConsumerShown:
    shown = {name: value for name, value in simplify(consumer).items() if name != "kept"}
    return cast("ConsumerShown", shown)


def remove_consumer(node: Node, register: Register, name: str) -> None:
    """Let a consumer in no more; of it nothing is kept.

    Raises:
        UsageError: `consumer.unknown`.
    """
    register.remove(name)
    note_administered(node.machine.party, "consumer.remove", name)


def make_consumer_routes(desk: Desk, register: Register) -> list[HTTPRouteHandler]:
    """Return the officers' paths about consumers."""

    @get("/v1/consumers", summary="The systems that may poll this node")
    async def consumers() -> list[ConsumerShown]:
        return list_consumers(register)

    @post(
        "/v1/consumers", summary="Let a system poll this node; its token is in the answer, this once", status_code=201
    )
    async def add(data: JSONBody[Introducing]) -> AddedConsumer:
        return add_consumer(desk.node, register, data)

    @delete("/v1/consumers/{name:str}", summary="Let a system poll this node no more", status_code=200)
    async def remove(name: FromPath[str]) -> Named:
        remove_consumer(desk.node, register, name)
        return {"name": name}

    return [consumers, add, remove]
