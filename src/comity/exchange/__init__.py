"""STIX, TAXII, MISP and the other formats of neighbouring systems, in and out, each through the release funnel.

May import `node` and below; knows no node's insides: `api` composes. What reads or writes a format does no I/O. Open
`comity.exchange.consumer` first (who may read), then `comity.exchange.stix_read` (docs/spec/exchange.md).
"""
