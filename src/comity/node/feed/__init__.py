"""The warning feed of a node: what drives `comity.warning.channel` over an outbox and links (docs/spec/warning.md).

Read `runner` first: pages out and in. `kept` is the file of pages beside the record's store. May import what `node`
may, and `comity.warning`.
"""
