"""One party, sans I/O: inputs with an instant in, effects out.

May import `procedure` and below. Pure. The same machine is driven live by `node` and by `rehearsal` on virtual time.
"""
