"""*Other systems* under Administration: which may poll this node, on whose behalf, and what each gets at most.

A token is shown to whoever added the system, on one page, once. Another token is another system of the same name.
"""

import re
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from comity.api.appointing import check_keeper
from comity.api.consumers import Introducing, add_consumer, list_consumers, remove_consumer
from comity.api.desk import Desk
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.names import Digest
from comity.console.acts import Acts
from comity.console.administration import may_keep
from comity.console.fields import Fields
from comity.console.forms import list_parties
from comity.console.pages import Pages
from comity.console.signing import Deed, ShownOnce
from comity.console.visit import Visit
from comity.exchange.consumer import Adding, Format, Meaning, Reporting
from comity.exchange.register import Register
from comity.exchange.standing_check import check_register

__all__ = ["FORMAT_NAMES", "make_systems"]

FORMAT_NAMES: Final = {
    Format.TAXII.value: "TAXII 2.1 (STIX)",
    Format.MISP.value: "MISP",
    Format.ICALENDAR.value: "iCalendar",
    Format.CAP.value: "CAP 1.2",
    Format.GEOJSON.value: "GeoJSON",
    Format.COT.value: "Cursor on Target (TAK)",
}
"""What formats call themselves, in every language."""
WORD_ROW_COUNT: Final = 3
"""Words of a marking that the form has room for; of more the terminal takes any number."""
_METRES_MAX: Final = 1_000_000
_NUMBER: Final = re.compile(r"[0-9]{1,7}(\.[0-9]{1,3})?", re.ASCII)


def make_systems(pages: Pages, desk: Desk, acts: Acts, register: Register) -> list[HTTPRouteHandler]:
    """Return the page and its acts."""

    @get("/administration/systems")
    async def systems(request: Request[Any, Any, Any]) -> Response[Any]:
        machine, keeps = desk.node.machine, may_keep(desk)
        faults = {row.row: row.why for row in check_register(register.list(), pact=machine.pact, own=machine.party)}
        return pages.render(
            request, "administration_systems.html", keeps=keeps, systems=list_consumers(register) if keeps else [],
            faults=faults, formats=FORMAT_NAMES, levels=sorted(desk.levels(), key=lambda level: level["rank"]),
            topics=[topic.id for topic in machine.pact.topics], readers=list_parties(desk, pages.titles),
            others=list_parties(desk, pages.titles, but_own=True), waiting=desk.deposits.count_waiting(),
            classes=[row.id for row in machine.pact.track_classes if machine.party in row.reported_by],
            word_row_count=WORD_ROW_COUNT,
        )  # fmt: skip

    def add(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        wish = _read_wish(fields)
        if register.find(wish.name) is not None:
            raise UsageError("consumer.exists", name=wish.name)

        async def do(_: str) -> ShownOnce:
            check_keeper(desk.node)
            made = add_consumer(desk.node, register, wish)
            advice = (
                say("Give it to whoever runs that system: it polls with it, as {name} and this token.", name=wish.name),
                say("It opens nothing else, and removing the system ends it."),
            )
            return ShownOnce(say("The token of {officer}", officer=wish.name), made["token"], advice)

        says = say("{name} may poll this node on behalf of {party}", name=wish.name,
                   party=pages.titles.title_of("party", wish.party))  # fmt: skip
        return Deed(says, do, tuple(_list_facts(pages, wish)), is_pressing=True)

    def remove(_: Visit, fields: Fields, __: str) -> Deed:
        check_keeper(desk.node)
        held = register.find(fields.get("name"))
        if held is None:
            raise UsageError("consumer.unknown", name=fields.get("name")[:40])

        async def do(_: str) -> tuple[Digest, ...]:
            check_keeper(desk.node)
            remove_consumer(desk.node, register, held.name)
            return ()

        says = say("{name} polls this node no more; what it put in and waits is forgotten", name=held.name)
        return Deed(says, do, ((say("party"), held.party),), is_pressing=True)

    routes = [systems, *acts.make("/administration/systems/add", add)]
    return [*routes, *acts.make("/administration/systems/remove", remove)]


def _read_wish(fields: Fields) -> Introducing:
    """Return what was typed.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`.
    """
    try:
        formats = tuple(Format(one) for one in fields.list("format"))
    except ValueError as error:
        raise UsageError("console.field-malformed", field="format") from error
    if not formats:
        raise UsageError("console.field-missing", field="format")
    to, adding = fields.list("add_to"), None
    if to:
        adding = Adding(to, fields.list("add_topics"), fields.find("add_level"), fields.list("add_caveats"))
    return Introducing(
        fields.get("name"), fields.get("party"), tuple(dict.fromkeys(formats)), fields.find("level"),
        fields.list("topics"), adding, _read_reporting(fields),
    )  # fmt: skip


def _read_reporting(fields: Fields) -> Reporting | None:
    """Return what it may report, and what its silence means (X60, X63); None where nothing of it was filled in."""
    rows = [("", fields.find("report_silent"))]
    rows += [(fields.find(f"report_word-{at}"), fields.find(f"report_level-{at}"))
             for at in range(1, WORD_ROW_COUNT + 1)]  # fmt: skip
    meanings = []
    for number, (word, level) in enumerate(rows):
        if number and bool(word) != bool(level):
            raise UsageError("console.field-missing", field=f"report_{'level' if word else 'word'}-{number}")
        if level:
            meanings.append(Meaning(word[:256], level))
    classes = tuple(dict.fromkeys(fields.list("report_class")))
    ce_m, le_m, speed_m_s = (_read_metres(fields, name) for name in ("report_ce", "report_le", "report_speed"))
    if not classes and (meanings or ce_m or le_m or speed_m_s):
        raise UsageError("console.field-missing", field="report_class")
    return Reporting(classes, ce_m, le_m, speed_m_s, tuple(meanings)) if classes else None


def _read_metres(fields: Fields, name: str) -> float | None:
    typed = fields.find(name)
    if not typed:
        return None
    if _NUMBER.fullmatch(typed) is None or not 0 < float(typed) <= _METRES_MAX:
        raise UsageError("console.field-malformed", field=name)
    return float(typed)


def _list_facts(pages: Pages, wish: Introducing) -> list[tuple[str, str]]:
    titles = pages.titles

    def level(id_: str) -> str:
        return titles.title_of("level", id_) if id_ else "—"

    def topics(ids: tuple[str, ...]) -> str:
        return ", ".join(titles.title_of("topic", id_) for id_ in ids) or "—"

    facts = [
        (say("formats"), ", ".join(FORMAT_NAMES[one.value] for one in wish.formats)),
        (say("highest level"), level(wish.level)),
        (say("topics"), topics(wish.topics)),
    ]
    if wish.adding is not None:
        facts += [
            (say("what it puts in is offered to"), ", ".join(wish.adding.to)),
            (say("topics of what it puts in"), topics(wish.adding.topics)),
            (say("least level of what it puts in"), level(wish.adding.level)),
        ]
    if wish.reporting is not None:
        facts += _list_reporting(titles, wish.reporting)
    return facts


def _list_reporting(titles: Titles, reporting: Reporting) -> list[tuple[str, str]]:
    """Return what it may report in words; what stands for silence only where something does."""
    facts = [(say("it reports tracks of"), ", ".join(titles.title_of("track-class", id_) for id_ in reporting.classes))]
    for words, value, unit in (
        (say("error of a place that says none"), reporting.ce_m, "m"),
        (say("error of a height that says none"), reporting.le_m, "m"),
        (say("error of a speed that says none"), reporting.speed_m_s, "m/s"),
    ):
        if value is not None:
            facts.append((words, f"{value:g} {unit}"))
    for one in reporting.levels:
        words = say("access {word} means", word=one.word) if one.word else say("what says no access is")
        facts.append((words, titles.title_of("level", one.level)))
    return facts
