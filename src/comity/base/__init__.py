"""What every room stands on: errors and their catalogue, instants, names, limits, encoding.

Imports nothing of Comity. Pure: no clock, file, socket or randomness. Read `errors` first, then `encoding`.
"""
