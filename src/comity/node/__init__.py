"""A running party: page store, outbox, links and the clock around one machine.

May import `machine` and below. The driver for real time; `rehearsal` is the other and neither knows the other.
"""
