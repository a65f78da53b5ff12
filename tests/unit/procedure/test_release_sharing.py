"""Statements about items: consents, dissemination, requests, bytes (docs/spec/release.md, R23 to R27)."""

import itertools
from collections.abc import Iterator

import msgspec
import pytest

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.pact.agreement import AgreementState
from comity.procedure import agreement, sharing
from comity.procedure.consent import check_consent
from comity.procedure.dissemination import (
    PassOn,
    PassOnState,
    find_consents,
    fold_dissemination,
    fold_pass_ons,
    given_to,
)
from comity.procedure.entry import Marking
from comity.procedure.release import decide_audience
from comity.procedure.sharing import (
    Basis,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    ItemShared,
    PassOnReported,
    PassOnRequested,
    RefusalReason,
    make_bases,
)
from comity.procedure.stated import Standing, Stated
from comity.procedure.verdict import Subject
from kit.releasing import (
    ALL,
    BY_HUB_ONLY,
    ITEM,
    JPN_USA,
    LINEAGE,
    NOW,
    OPEN_LEVEL,
    REALM,
    SUITE,
    consent,
    consent_check,
    ground,
    keys_of,
    marking,
    passed_on,
    shared,
    signed,
    state_entry,
    stated,
)

CHECK = consent_check()


def test_consent_is_found_and_taken_back() -> None:
    """A consent runs from its statement until its originator takes it back; given again, it runs again."""
    one, again = consent(), consent(given_at=NOW)
    first = stated(ConsentGiven(ITEM, signed(one)), author="JPN", audience=JPN_USA, page=2)
    back = stated(ConsentWithdrawn(ITEM, "KOR"), author="JPN", audience=JPN_USA, page=3)
    second = stated(ConsentGiven(ITEM, signed(again)), author="JPN", audience=JPN_USA, page=4)
    assert find_consents([first], check=CHECK) == (one,)
    for order in itertools.permutations([first, back]):
        assert find_consents(order, check=CHECK) == ()
    assert find_consents([second, back, first], check=CHECK) == (again,)
    enclosed = passed_on(signed(one))
    assert find_consents([enclosed, back, first], check=CHECK) == ()


@pytest.mark.parametrize(
    "told",
    [
        stated(ConsentGiven(ITEM, signed(consent())), author="JPN", audience=JPN_USA, standing=Standing.DISPUTED),
        stated(ConsentGiven(ITEM, signed(consent())), author="USA", audience=JPN_USA),
        stated(ConsentGiven(bytes(32), signed(consent())), author="JPN", audience=JPN_USA),
        stated(ConsentGiven(ITEM, signed(consent(), by="KOR")), author="JPN", audience=JPN_USA),
    ],
    ids=["disputed page", "stated by another", "names another item", "signed by another"],
)
def test_what_is_no_consent(told: Stated) -> None:
    """A consent counts only as its originator's own, for the item named, in a page that counts."""
    assert find_consents([told], check=CHECK) == ()


@pytest.mark.parametrize(("lineage", "realm"), [(bytes(32), REALM), (LINEAGE, "real")])
def test_consent_is_bound_to_pact_and_realm(lineage: bytes, realm: str) -> None:
    """A consent played in an exercise is none in the real realm, nor in another pact."""
    with pytest.raises(RemoteError) as caught:
        check_consent(SUITE, signed(consent()), keys_of=keys_of, lineage=lineage, realm=realm)
    assert caught.value.code == "consent.other-pact"


def test_what_concerns_no_item_is_passed_over() -> None:
    """Other statements, reports of other items and refusals by those who did not originate it change nothing."""
    told = (
        stated(state_entry(AgreementState.IN_FORCE, "2023-12-01"), author="USA"),
        stated(PassOnReported(bytes(32), "KOR", NOW), author="USA", audience=JPN_USA),
        stated(ConsentRefused(ITEM, "KOR", RefusalReason.UNSTATED), author="USA", audience=JPN_USA, page=2),
        stated(ConsentGiven(ITEM, signed(consent())), author="JPN", audience=JPN_USA),
        shared(page=2),
    )
    assert given_to(ITEM, told) == {"JPN", "USA"}
    assert len(fold_dissemination(told)) == 2
    assert find_consents(told, check=CHECK) == (consent(),)
    assert PassOn(ITEM, "USA", "KOR", PassOnState.CONSENTED) in fold_pass_ons(told, check=CHECK)


def test_dissemination_list() -> None:
    """It says who gave what to whom on which clause; a holder's report adds what the originator can't see."""
    told = (shared(page=1), passed_on(page=2))
    rows = [(row.giver, row.recipient, row.clause) for row in fold_dissemination(told)]
    assert sorted(rows) == [("JPN", "USA", "tisa-2014"), ("USA", "KOR", "tisa-2014")]
    report = stated(PassOnReported(ITEM, "KOR", NOW), author="USA", audience=JPN_USA)
    assert [(row.recipient, row.clause) for row in fold_dissemination([report])] == [("KOR", "")]
    assert given_to(ITEM, [shared()]) == {"JPN", "USA"}


def test_pass_on_states() -> None:
    """Requested, consented, refused, passed on: the stage reached is the same in any order of arrival."""
    request = stated(PassOnRequested(ITEM, "KOR", NOW), author="USA", audience=JPN_USA, page=1)
    given = stated(ConsentGiven(ITEM, signed(consent())), author="JPN", audience=JPN_USA, page=2)
    refused = stated(ConsentRefused(ITEM, "KOR", RefusalReason.NOT_NOW), author="JPN", audience=JPN_USA, page=3)
    done = passed_on(signed(consent()), page=4)
    told = [shared(page=0), request]
    for further, state in (
        ([], PassOnState.REQUESTED),
        ([given], PassOnState.CONSENTED),
        ([refused], PassOnState.NOT_CONSENTED),
        ([given, refused], PassOnState.NOT_CONSENTED),
        ([given, done], PassOnState.PASSED_ON),
    ):
        for order in itertools.permutations([*told, *further]):
            assert fold_pass_ons(order, check=CHECK) == (PassOn(ITEM, "USA", "KOR", state),)


def test_bases_are_made_from_the_decision() -> None:
    """What a giving states of its recipients is what the funnel answered, one row each."""
    decided = decide_audience(
        Subject((marking("USA", OPEN_LEVEL["USA"]),), ITEM), holder="USA", audience=ALL, ground=ground()
    )
    assert make_bases(decided) == (
        Basis("JPN", "usa-jpn-2007", "JPN-OPEN"),
        Basis("KOR", "usa-kor-1987", "KOR-OPEN"),
    )


@pytest.mark.parametrize("told", [shared(), passed_on(signed(consent()))])
def test_entries_have_one_form_in_bytes(told: Stated) -> None:
    """An entry about an item decodes from its own bytes only, with its type first and the item next."""
    raw = encode(told.entry)
    first, item, *_ = msgspec.msgpack.decode(raw)
    assert (first, item) == (type(told.entry).__name__, ITEM)
    assert Decoder(type(told.entry), size_max=10_000).decode(raw) == told.entry


def test_unsorted_bases_are_refused() -> None:
    """The rows of recipients are a set: in another order they are no entry."""
    rows = (Basis("USA", "tisa-2014", "USA-S"), Basis("KOR", "tisa-2014", "KOR-II"))
    raw = encode(("ItemShared", ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), rows))
    with pytest.raises(RemoteError):
        Decoder(ItemShared, size_max=10_000).decode(raw)


def walk_types(type_: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
    """Every type inside a type, but those of a marking."""
    yield type_
    if isinstance(type_, msgspec.inspect.StructType) and type_.cls is not Marking:
        for field in type_.fields:
            yield from walk_types(field.type)
    elif isinstance(type_, msgspec.inspect.VarTupleType):
        yield from walk_types(type_.item_type)


def test_every_entry_type_is_listed_and_has_no_room_for_prose() -> None:
    """Each type is gathered for the registry, tagged by its name, and every string outside a marking is a short id."""
    types = (*agreement.ENTRIES, *sharing.ENTRIES)
    assert len({entry.__struct_config__.tag for entry in types}) == len(types) == 12
    for entry in types:
        assert entry.__struct_config__.tag == entry.__name__
        for found in walk_types(msgspec.inspect.type_info(entry)):
            if isinstance(found, msgspec.inspect.StrType):
                assert found.pattern is not None or (found.max_length or 1000) <= 48, entry
            if isinstance(found, msgspec.inspect.BytesType):
                assert (found.max_length or 10_000) <= 512, entry
