"""STIX, TAXII, MISP and the other formats of neighbouring systems, in and out, each through the release funnel.

May import `node` and below; knows no node's insides: `api` composes. What reads or writes a format does no I/O. Open
`comity.exchange.consumer` first (who may read), then `comity.exchange.stix_read` (docs/spec/exchange.md). Public
warnings: `cap` has the table of the protocol, `cap_marking` decides how an alert is marked, `xml_door` is where all XML
comes in. Tracks: `cot` reads and writes events, `cot_events` makes them of the picture, `cot_reports` reports of them,
`cot_views` says which of them whom.
"""
