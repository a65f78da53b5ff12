"""What happens at a node, told as it happens to whoever of its own party listens (docs/adr/0052).

`told.py` has the kinds of events and how they are written as server-sent events, `order.py` the order in which
statements became there and positions in it, `bulletin.py` what one node tells and to whom. Read `bulletin.py` first:
`Bulletin.listen` is the one way to hear, for the API and for the pages of the console alike.
"""
