"""Alerts in: every sample is read or refused with a place and a rule; each rule of CAP has a file that breaks it."""

import pytest

from comity.base.errors import ComityError, RemoteError
from comity.exchange.cap_read import find_addresses, find_references, parse_alert
from comity.exchange.cap_time import find_coordinate_udeg, find_instant, format_degrees, format_time
from kit.outside import DATA, NO_DATA, list_files

HEAD = "<identifier>a-1</identifier><sender>s@example.test</sender><sent>2026-11-26T10:00:00-00:00</sent>"
INFO = (
    "<info><language>en</language><category>Geo</category><event>Tsunami</event><urgency>Immediate</urgency>"
    "<severity>Extreme</severity><certainty>Likely</certainty>{more}</info>"
)


def make(body: str, *, version: str = "1.2") -> bytes:
    """Return a document with this inside the alert."""
    return f'<alert xmlns="urn:oasis:names:tc:emergency:cap:{version}">{body}</alert>'.encode()


def make_usual(*, more: str = "", after: str = "", version: str = "1.2") -> bytes:
    """Return a usual alert; `more` stands at the end of its info block, `after` before it."""
    rest = "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
    return make(HEAD + rest + after + INFO.format(more=more), version=version)


REFUSED = {
    "canada_errors.cap": ("cap.malformed", "alert.references", "empty"),
    "invalid.cap": ("cap.malformed", "alert.scope", "missing"),
    "noaa_errors.cap": ("cap.malformed", "alert.references", "empty"),
    "xee.cap": ("xml.doctype", None, None),
}
SIGNED = {"canada_signed.cap", "earthquake-iso8859-1.cap", "earthquake_signed.cap"}


@pytest.mark.skipif(not DATA.exists(), reason=NO_DATA)
def test_every_sample_is_read_or_refused_with_a_code() -> None:
    """Sixteen files of CAP 1.1 and 1.2, some faulty on purpose: the faulty ones alone are refused, and say where."""
    refused, signed = {}, set()
    for path in list_files("cap/samples"):
        try:
            alert = parse_alert(path.read_bytes())
        except ComityError as error:
            refused[path.name] = (error.code, error.details.get("at"), error.details.get("rule"))
        else:
            assert alert.version in ("1.1", "1.2")
            signed |= {path.name} if alert.is_signed else set()
    assert (refused, signed) == (REFUSED, SIGNED)


@pytest.mark.skipif(not DATA.exists(), reason=NO_DATA)
def test_what_a_sample_says_is_all_there() -> None:
    """Languages, references, areas, codes, in the order of the file."""
    alert = parse_alert((DATA / "cap" / "samples" / "canada.cap").read_bytes())
    assert [block.language for block in alert.blocks] == ["en-CA", "fr-CA"]
    assert [sent for _, _, sent in find_references(alert)] == ["2012-05-02T21:45:05-00:00", "2012-05-02T21:55:21-00:00"]
    area = alert.blocks[0].areas[0]
    assert (area.description, len(area.polygons[0].split()), area.geocodes[0].value) == (
        "Windsor - Leamington - Essex County",
        17,
        "041420",
    )
    assert alert.codes == ("profile:CAP-CP:0.4", "layer:EC-MSC-SMC:1.0", "layer:SOREM:1.0")


@pytest.mark.parametrize(
    ("raw", "at", "rule"),
    [
        (make(HEAD), "alert.status", "missing"),
        (make_usual(after="<code>a</code><source>s</source>"), "alert.source", "order"),
        (make_usual(after="<note>a</note><note>b</note>"), "alert.note", "repeated"),
        (make_usual(after="<surprise/>"), "alert", "unknown"),
        (make_usual(after="<x:note xmlns:x='urn:x'>a</x:note>"), "alert", "unknown"),
        (make_usual(after="<note>a<b/></note>"), "alert.note", "unknown"),
        (make_usual(after="<references>a,b</references>"), "alert.references", "value"),
        (make_usual(after="<references>a,b,yesterday</references>"), "alert.references", "value"),
        (make_usual().replace(b"a-1", b"a 1"), "alert.identifier", "value"),
        (make_usual().replace(b"a-1", b"a,1"), "alert.identifier", "value"),
        (make_usual().replace(b"a-1", b""), "alert.identifier", "empty"),
        (make_usual().replace(b"-00:00", b"Z"), "alert.sent", "value"),
        (make_usual().replace(b"-26T", b"-31T"), "alert.sent", "value"),
        (make_usual().replace(b"Actual", b"actual"), "alert.status", "value"),
        (make_usual().replace(b"Public", b"Private"), "alert.addresses", "address"),
        (make_usual().replace(b"Public", b"Restricted"), "alert.restriction", "missing"),
        (make_usual().replace(b">Alert<", b">Cancel<"), "alert.references", "references"),
        (make_usual().replace(b">Geo<", b">Sea<"), "alert.info[1].category", "value"),
        (make_usual().replace(b"<category>Geo</category>", b""), "alert.info[1].category", "missing"),
        (make_usual().replace(b">Likely<", b">Very Likely<"), "alert.info[1].certainty", "value"),
        (make_usual().replace(b">en<", b">english language<"), "alert.info[1].language", "value"),
        (make_usual(more="<expires>soon</expires>"), "alert.info[1].expires", "value"),
        (make_usual(more="<parameter><value>1</value></parameter>"), "alert.info[1].parameter[1].valueName", "missing"),
        (
            make_usual(more="<resource><resourceDesc>r</resourceDesc></resource>"),
            "alert.info[1].resource[1].mimeType",
            "missing",
        ),
        (make_usual(more="<area><polygon/></area>"), "alert.info[1].area[1].polygon", "empty"),
        *(
            (make_usual(more=f"<area><areaDesc>x</areaDesc>{area}</area>"), f"alert.info[1].area[1].{name}", "value")
            for name, area in (
                ("polygon", "<polygon>1,1 2,2 1,1</polygon>"),
                ("polygon", "<polygon>1,1 2,2 3,3 4,4</polygon>"),
                ("polygon", "<polygon>91,1 2,2 3,3 91,1</polygon>"),
                ("polygon", "<polygon>1,181 2,2 3,3 1,181</polygon>"),
                ("polygon", "<polygon>1;1 2;2 3;3 1;1</polygon>"),
                ("circle", "<circle>1,1</circle>"),
                ("circle", "<circle>1,1 -5</circle>"),
                ("circle", "<circle>1,1 NaN</circle>"),
                ("altitude", "<altitude>high</altitude>"),
            )
        ),
        (
            make_usual(more="<area><areaDesc>x</areaDesc><ceiling>100</ceiling></area>"),
            "alert.info[1].area.altitude",
            "missing",
        ),
    ],
)
def test_each_rule_is_broken_once(raw: bytes, at: str, rule: str) -> None:
    """The refusal names the place by the protocol's own names, and quotes nothing."""
    with pytest.raises(RemoteError) as caught:
        parse_alert(raw)
    assert caught.value.code == "cap.malformed"
    assert caught.value.details == {"at": at, "rule": rule}
    assert caught.value.evidence == raw


def test_other_documents_are_no_alerts() -> None:
    """CAP 1.0, another root, no namespace."""
    for raw in (make_usual(version="1.0"), b"<alert/>", make_usual().replace(b"alert", b"alarm")):
        with pytest.raises(RemoteError) as caught:
            parse_alert(raw)
        assert caught.value.code == "cap.version"


def test_what_the_older_version_permits() -> None:
    """CAP 1.1: Z for UTC, Very Likely, a resource without a media type; each is refused in 1.2 (see above)."""
    raw = make_usual(more="<resource><resourceDesc>r</resourceDesc></resource>", version="1.1")
    alert = parse_alert(raw.replace(b"-00:00", b"Z").replace(b">Likely<", b">Very Likely<"))
    assert (alert.version, alert.blocks[0].certainty, alert.blocks[0].resources[0].media) == ("1.1", "Likely", "")


def test_a_signature_is_noted_and_not_believed() -> None:
    """An element of the signature's namespace may stand anywhere; it is left in the bytes."""
    signature = "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><SignedInfo/></Signature>"
    assert parse_alert(make_usual().replace(b"</alert>", signature.encode() + b"</alert>")).is_signed
    assert not parse_alert(make_usual()).is_signed


def test_addressees_may_be_quoted() -> None:
    """Separated by spaces, quoted where one holds a space."""
    raw = make_usual(after='<addresses>one "Two and a half"  three</addresses>').replace(b"Public", b"Private")
    assert find_addresses(parse_alert(raw)) == ("one", "Two and a half", "three")


def test_times_and_degrees_as_warnings_write_them() -> None:
    """An offset is subtracted; what no calendar has is none; degrees are rounded to the microdegree."""
    at = find_instant("2023-10-09T06:40:00+09:00")
    assert at is not None
    assert find_instant("2023-10-08T21:40:00Z") == find_instant("2023-10-08T21:40:00.999-00:00") == at
    assert (format_time(at, offset_minutes=540), format_time(at)) == (
        "2023-10-09T06:40:00+09:00",
        "2023-10-08T21:40:00-00:00",
    )
    assert format_time(at, offset_minutes=-210) == "2023-10-08T18:10:00-03:30"
    wrong = ("2023-02-30T00:00:00Z", "1969-12-31T23:59:59Z", "2023-10-09T06:40:00+15:00", "2023-10-09T06:40:00", "")
    assert {text: find_instant(text) for text in wrong} == dict.fromkeys(wrong)
    read = {text: find_coordinate_udeg(text, degrees_max=90) for text in ("-29.7", "+0.0000005", "90", "90.1", "1e3")}
    assert read == {"-29.7": -29_700_000, "+0.0000005": 1, "90": 90_000_000, "90.1": None, "1e3": None}
    assert [format_degrees(udeg) for udeg in (-29_700_000, 1, 180_000_000)] == ["-29.7", "0.000001", "180.0"]
