"""Which plug-ins for sensors there are: the own ones, and what other packages offer under `comity.sensors`.

A name is looked up when it is asked for, and nothing else is loaded. An own name cannot be taken by another package.
"""

import importlib
from collections.abc import Mapping
from importlib import metadata
from typing import Final

from comity.base.errors import UsageError
from comity.pact.track import TrackClass
from comity.sensors.seam import GROUP, Sensor, SensorReader

__all__ = ["find_names", "get_sensor", "open_reader"]

_OWN: Final[Mapping[str, tuple[str, str]]] = {
    "ais": ("comity.sensors.ais", "Ais"),
    "json": ("comity.sensors.json_lines", "JsonLines"),
}


def find_names() -> tuple[str, ...]:
    """Return the names of all plug-ins, in order."""
    return tuple(sorted({*_OWN, *metadata.entry_points(group=GROUP).names}))


def get_sensor(name: str) -> Sensor:
    """Return the plug-in of a name.

    Raises:
        UsageError: `sensor.unknown`; `sensor.broken` where what another package offers cannot be loaded.
    """
    if name in _OWN:
        module, class_ = _OWN[name]
        own: Sensor = getattr(importlib.import_module(module), class_)()
        return own
    offered = metadata.entry_points(group=GROUP, name=name)
    if not offered:
        raise UsageError("sensor.unknown", sensor=name)
    try:
        made = next(iter(offered)).load()
        sensor: Sensor = made() if isinstance(made, type) else made
        is_whole = sensor.name == name and bool(sensor.domains)
    except Exception as error:  # another's code: whatever is wrong with it, this program goes on
        raise UsageError("sensor.broken", sensor=name) from error
    if not is_whole:
        raise UsageError("sensor.broken", sensor=name)
    return sensor


def open_reader(name: str, row: TrackClass) -> SensorReader:
    """Return a reader of that plug-in for a class.

    Raises:
        UsageError: as `get_sensor`; `sensor.class` where it reports nothing of that domain.
    """
    sensor = get_sensor(name)
    if row.domain not in sensor.domains:
        raise UsageError("sensor.class", sensor=name, clause=row.id)
    return sensor.open(row)
