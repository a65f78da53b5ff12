"""STIX/TAXII, CAP, CoT, iCalendar, GeoJSON, MISP in and out, each through the release funnel.

May import `node` and below. Public warnings: `cap` has the table of the protocol, `cap_marking` decides how an alert is
marked, `xml_door` is where all XML comes in.
"""
