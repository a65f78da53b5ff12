"""The shapes of all that the API answers with, as typed dictionaries (docs/adr/0051).

`basic.py` has what the others share, `record.py` statements and the timeline, `floor.py` consultations, texts,
measures, lines and duties, `items.py` items and what became of their copies, `release.py` what may go to whom,
`exchange.py` other systems and public warnings, `standing.py` how the node stands. A route says by its return type
which of them it answers with; `comity.api.schema` describes them from that.
"""
