"""Documents of neighbouring systems: alerts, telegrams, areas, tables."""

import contextlib
import json
import random
from functools import cache
from importlib.resources import files

import msgspec

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.crypto.production import ProductionSuite
from comity.exchange.cap_make import make_ack
from comity.exchange.cap_read import parse_alert
from comity.exchange.cap_write import format_alert
from comity.exchange.cot import format_event, parse_event, read_document, read_event
from comity.exchange.cot_control import find_control, make_answer, read_login
from comity.exchange.cot_own import read_told
from comity.exchange.cot_stream import Splitter
from comity.exchange.drop import BlobRecord, DropHeader, format_part, read_part
from comity.exchange.geojson import Feature, format_collection, parse_areas
from comity.exchange.indicator_table import parse_values
from comity.exchange.jma import parse_telegram, read_as_alert
from comity.exchange.xml_door import read_xml
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import DEFAULT_PROFILE, PROFILE_PACKAGE, PROFILE_SUFFIX
from fuzz.change import change_blindly, change_text
from fuzz.door import Door

__all__ = ["DOORS"]

_ALERT = b"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a-1</identifier><sender>s@example.test</sender>
<sent>2026-11-26T10:00:00-00:00</sent><status>Actual</status><msgType>Update</msgType><scope>Private</scope>
<addresses>one "two three"</addresses><code>c</code><references>s,a,2026-11-25T10:00:00+09:00</references>
<info><language>en</language><category>Geo</category><event>Tsunami</event><responseType>Evacuate</responseType>
<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Likely</certainty>
<eventCode><valueName>n</valueName><value>v</value></eventCode><expires>2026-11-26T12:00:00-00:00</expires>
<headline>h &amp; h</headline>
<resource><resourceDesc>r</resourceDesc><mimeType>image/png</mimeType><size>1</size></resource>
<area><areaDesc>coast</areaDesc><polygon>1,1 2,2 3.5,-3 1,1</polygon><circle>-1,1 5.5</circle><altitude>1</altitude>
<ceiling>2</ceiling></area></info></alert>"""
_TELEGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<Report xmlns="http://xml.kishou.go.jp/jmaxml1/"><Control><Status>通常</Status><PublishingOffice>o</PublishingOffice></Control>
<Head><Title>t</Title><ReportDateTime>2023-10-09T06:40:00+09:00</ReportDateTime><EventID>20231009052500</EventID>
<InfoType>訂正</InfoType><Serial/><Headline><Text>h</Text></Headline></Head><Body><Tsunami><Forecast><Item>
<Area><Name>n</Name><Code>320</Code></Area><Category><Kind><Name>k</Name><Code>62</Code></Kind></Category>
<MaxHeight><TsunamiHeight description="d">1</TsunamiHeight></MaxHeight></Item></Forecast></Tsunami></Body></Report>
""".encode()
_MARKUP = (
    *(b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///x'>]>", b"&x;", b"<![CDATA[", b"]]>", b"<?x y?>", b"<!--", b" "),
    *(b"<a>", b"</a>", b'encoding="shift_jis"', b"xmlns:x='urn:x'", b"<x:y/>", b"\xef\xbb\xbf", b"&#0;", b"&#x10ffff;"),
)


def _change_markup(raw: bytes, draw: random.Random) -> bytes:
    """Put markup between tags, or change the text."""
    if draw.randrange(3):
        return change_text(raw, draw)
    place = draw.choice([at for at, byte in enumerate(raw) if byte in b"<>"] or [0])
    return raw[:place] + draw.choice(_MARKUP) + raw[place:]


@cache
def _find_pact() -> Pact:
    return parse_pact((files(PROFILE_PACKAGE) / (DEFAULT_PROFILE + PROFILE_SUFFIX)).read_bytes())


_EVENT = b"""<event version="2.0" uid="a" type="a-u-S" how="m-p" time="2026-11-27T10:00:00Z" opex="o" access="JPN-HI"
start="2026-11-27T10:00:00.5Z" stale="2026-11-27T10:05:00Z"><point lat="1" lon="2" hae="3" ce="4" le="9999999"/><detail>
<track course="9" speed="1"/><__comity form="1" author="JPN" class="a.b" estimate="0" track="1" at="5"/></detail>
</event>"""


def _read_telegram(raw: bytes) -> None:
    """What is read can be shown and written as an alert."""
    parse_alert(format_alert(read_as_alert(parse_telegram(raw))))


def _read_areas(raw: bytes) -> None:
    """What is read is written so that it reads back, cut at the antimeridian where it must be."""
    features = [Feature("a", area, {}) for area in parse_areas(raw)]
    format_collection(features)


def _find_areas() -> list[bytes]:
    ring = [[179, 1], [-179, 1], [-179.5, 2.25], [179, 1]]
    point = {"type": "Feature", "properties": {"radius_m": 5}, "geometry": {"type": "Point", "coordinates": [1, 2.5]}}
    polygon = {"type": "Feature", "properties": None, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    many = {"type": "MultiPolygon", "coordinates": [[ring]]}
    return [json.dumps(value).encode() for value in ({"type": "FeatureCollection", "features": [point, polygon]}, many)]


def _find_parts() -> list[bytes]:
    header = DropHeader(1, bytes(32), "real", "JPN", "KOR", 1, 1, "0", 0, bytes(32))
    blobs = (BlobRecord(bytes(32), b"sealed", (b"wrap",)),)
    suite, signed = ProductionSuite(), msgspec.structs.replace(header, format=2)
    return [
        format_part(header, pages=b"pages", blobs=blobs, suite=suite),
        format_part(signed, pages=b"pages", blobs=blobs, suite=suite, secret=bytes(32)),
    ]


def _find_tables() -> list[bytes]:
    rows = [{"indicator": "x.y", "observed_at": "2026-11-01", "value": "-2.5", "note": "n"}]
    return [b'indicator,observed_at,value,note\nx.y,2026-11-01,2.50,"a, b"\n', json.dumps(rows).encode()]


def _read_alert(raw: bytes) -> None:
    """What is read is written, and reads back as the same; and it can be acknowledged."""
    alert = parse_alert(raw)
    again = parse_alert(format_alert(alert))
    assert (again.reference, again.blocks, again.restriction) == (alert.reference, alert.blocks, alert.restriction)
    parse_alert(format_alert(make_ack(alert, by="JPN", at=Instant(0), lineage=bytes(32), pact=_find_pact())))


def _read_event(raw: bytes) -> None:
    """What is read is written and reads back as the same; what was ours is read or refused."""
    event = parse_event(raw)
    again = parse_event(format_event(event))
    assert (again.uid, again.type, again.access, again.releasable_to) == (
        event.uid, event.type, event.access, event.releasable_to,
    )  # fmt: skip
    if event.own is not None:
        read_told(event)


def _read_stream(raw: bytes) -> None:
    """However it is cut, the same documents come out; each is about the connection, a login, or an event or refused."""

    def split(pieces: list[bytes]) -> list[bytes]:
        splitter, found = Splitter(), []
        try:
            for piece in pieces:
                found += list(splitter.feed(piece))
        except RemoteError:
            pass
        return found

    documents = split([raw])
    assert split([raw[at : at + 7] for at in range(0, len(raw), 7)])[: len(documents)] == documents
    for document in documents:
        with contextlib.suppress(RemoteError):
            root = read_document(document)
            control = find_control(root)
            if control is not None:
                make_answer(control, root, Instant(0))
            elif root.name == "auth":
                read_login(root)
            else:
                read_event(root, document)


_LOGIN = b'<?xml version="1.0"?>\n<auth><cot username="a" password="a.b" uid="c"/></auth>'
_PING = b'<event version="2.0" uid="a-ping" type="t-x-c-t"><point/></event>'

DOORS = (
    Door("cot-stream", _read_stream, lambda: [_LOGIN + _EVENT + _PING, _PING * 3], _change_markup),
    Door("cot", _read_event, lambda: [_EVENT, _EVENT.replace(b"__comity", b"other")], _change_markup),
    Door("xml", read_xml, lambda: [_ALERT, b"<a b='c'>d<e/></a>"], _change_markup),
    Door("indicator-table", parse_values, _find_tables, change_text),
    Door("jma", _read_telegram, lambda: [_TELEGRAM], _change_markup),
    Door("geojson", _read_areas, _find_areas, change_text),
    Door("drop", lambda raw: read_part(raw, ProductionSuite()), _find_parts, change_blindly),
    Door("cap", _read_alert, lambda: [_ALERT], _change_markup),
)
