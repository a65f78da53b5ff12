"""Sensors of the own party: what turns their own formats into reports for the door of the warning feed.

May import `warning` and below. Does no I/O and reads no clock: whoever listens hands in bytes and the instant at which
they came. Open `comity.sensors.seam` first (what a plug-in is), then `comity.sensors.json_lines` (the smallest), then
`comity.sensors.ais`. `comity.sensors.contract` is what any plug-in is held against (docs/guide/sensors.md).
"""
