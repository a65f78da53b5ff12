"""The published schema of CAP 1.2, written down a second time and read with the standard library.

Order and number stand as in the schema: a name, `?` may be missing, `*` any number, `+` at least one. Nothing here is
shared with the product's own table.
"""

import re
import xml.etree.ElementTree as ET

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
TIME = r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-,+]\d\d:\d\d"
ORDER = {
    "alert": "identifier sender sent status msgType source? scope restriction? addresses? code* note? references? "
    "incidents? info*",
    "info": "language? category+ event responseType* urgency severity certainty audience? eventCode* effective? onset? "
    "expires? senderName? headline? description? instruction? web? contact? parameter* resource* area*",
    "resource": "resourceDesc mimeType size? uri? derefUri? digest?",
    "area": "areaDesc polygon* circle* geocode* altitude? ceiling?",
    "eventCode": "valueName value",
    "parameter": "valueName value",
    "geocode": "valueName value",
}
VALUES = {
    "status": "Actual|Exercise|System|Test|Draft",
    "msgType": "Alert|Update|Cancel|Ack|Error",
    "scope": "Public|Restricted|Private",
    "category": "Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other",
    "responseType": "Shelter|Evacuate|Prepare|Execute|Avoid|Monitor|Assess|AllClear|None",
    "urgency": "Immediate|Expected|Future|Past|Unknown",
    "severity": "Extreme|Severe|Moderate|Minor|Unknown",
    "certainty": "Observed|Likely|Possible|Unlikely|Unknown",
    "sent": TIME,
    "effective": TIME,
    "onset": TIME,
    "expires": TIME,
    "size": r"[-+]?\d+",
    "altitude": r"[-+]?\d+(\.\d+)?",
    "ceiling": r"[-+]?\d+(\.\d+)?",
    "language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    # From the specification's text, which the schema cannot say.
    "identifier": r"[^\s,<&]+",
    "sender": r"[^\s,<&]+",
    "references": r"[^\s,]+,[^\s,]+,[^\s,]+( [^\s,]+,[^\s,]+,[^\s,]+)*",
    "polygon": r"(-?\d+(\.\d+)?,-?\d+(\.\d+)?)( -?\d+(\.\d+)?,-?\d+(\.\d+)?){2,} \1",
    "circle": r"-?\d+(\.\d+)?,-?\d+(\.\d+)? \d+(\.\d+)?",
}


def find_faults(raw: bytes) -> list[str]:
    """Return what a schema validator would say of a document; empty if it is valid."""
    root = ET.fromstring(raw)
    if root.tag != f"{{{NAMESPACE}}}alert":
        return ["no alert of CAP 1.2"]
    faults: list[str] = []
    for element in root.iter():
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        if element.attrib:
            faults.append(f"{name} has attributes")
        if name in ORDER:
            pattern = "".join(_make_pattern(row) for row in ORDER[name].split())
            children = "".join(f"{child.tag.removeprefix(f'{{{NAMESPACE}}}')} " for child in element)
            if not re.fullmatch(pattern, children):
                faults.append(f"{name}: {children}")
        elif len(element):
            faults.append(f"{name} has elements")
        elif name in VALUES and not re.fullmatch(VALUES[name], element.text or ""):
            faults.append(f"{name}: {element.text!r}")
    return faults


def _make_pattern(row: str) -> str:
    name, often = (row[:-1], row[-1]) if row[-1] in "?*+" else (row, "")
    return f"({name} ){often}"
