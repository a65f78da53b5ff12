"""STIX/TAXII, CAP, CoT, iCalendar, GeoJSON, MISP in and out, each through the release funnel.

May import `node` and below. Nothing lives here yet.
"""
