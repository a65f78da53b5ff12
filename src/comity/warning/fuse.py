"""One estimate from several whose errors may hang together in ways nobody knows: covariance intersection.

Rules
- Between parties the same radar picture, the same orbit table, the same mistake may stand behind two reports. So they
  are not multiplied as if they were independent: P⁻¹ = ω A⁻¹ + (1 − ω) B⁻¹, which is never surer than it may be,
  whatever hangs together (Julier and Uhlmann, 1997; W48).
- The weight ω makes the determinant of P least. That is where det(ω B + (1 − ω) A), a cubic of ω whose logarithm is
  concave, is greatest: found by halving, ten times, so a whole number of 1/1024.
- P is put together from two squares (Joseph's form), so that no rounding makes it anything but a covariance.
- More than two are taken in one after the other, in the order of their authors.
- Not here: whether they are of one object (`assign`), and whether they contradict each other (`correlate`).
"""

from typing import Final

import numpy as np

from comity.warning.linear import Floats, Turn, join, multiply, root, solve, solve_back, turn_covariance
from comity.warning.motion import States, list_axes, turn_out

__all__ = ["WEIGHT_STEPS", "find_weight", "fuse"]

WEIGHT_STEPS: Final = 10
"""Halvings: a weight is a whole number of 1/1024. The determinant is flat at its least, so finer tells nothing."""


def fuse(one: States, other: States) -> States:
    """Fuse pairs of states at one instant, place by place, in the local axes of the first."""
    axes = list_axes(one.axes)
    second = turn_covariance(join(axes, list_axes(other.axes)), other.covariance)
    weight = find_weight(one.covariance, second)
    rest = 1 - weight
    # As if each were as much less sure as its weight is small; whoever has no weight is not heard (and not divided by).
    is_one, is_other = weight == 1, weight == 0
    grown, grown_second = one.covariance / np.where(is_other, 1.0, weight), second / np.where(is_one, 1.0, rest)
    gain = _divide(grown, grown + grown_second)
    x, y, z = multiply(gain, *multiply(axes, *(other.point - one.point)))
    mixed = turn_covariance(_rest_of(gain), grown) + turn_covariance(gain, grown_second)
    covariance = np.where(is_one, one.covariance, np.where(is_other, second, mixed))
    moved = np.where(is_other, other.point, one.point + np.where(is_one, 0.0, turn_out(one.axes, x, y, z)))
    spread = 1 / (weight / one.spread + rest / other.spread)
    velocity = one.velocity + (other.velocity - one.velocity) * (spread * rest / other.spread)
    knows, is_falling = one.knows | other.knows, one.is_falling | other.is_falling
    return States(one.at, moved, velocity, one.axes, covariance, spread, knows, is_falling)


def find_weight(first: Floats, second: Floats) -> Floats:
    """Return the weight of the first of two covariances `(6, n)` that makes the fused determinant least."""
    size = first[0] + first[1] + first[2] + second[0] + second[1] + second[2]
    base, step = first / size, (second - first) / size
    linear, square, cube = _mix(base, step), _mix(step, base), _determinant(step)
    weight, width = np.full(size.shape, 0.5), 0.25
    for _ in range(WEIGHT_STEPS - 1):
        weight = weight + np.sign(linear + weight * (2 * square + weight * (3 * cube))) * width
        width /= 2
    # Where one is nowhere less sure than the other, it is taken alone; where both are the same, the middle.
    at_one, at_none = linear + 2 * square + 3 * cube, linear
    weight = np.where((at_one >= 0) & (at_none > 0), 1.0, weight)
    return np.where((at_none <= 0) & (at_one < 0), 0.0, weight)


def _mix(kept: Floats, turned: Floats) -> Floats:
    """Return the trace of the adjugate of `kept` times `turned`."""
    by = _adjugate(kept)
    straight: Floats = by[0] * turned[0] + by[1] * turned[1] + by[2] * turned[2]
    crossed: Floats = by[3] * turned[3] + by[4] * turned[4] + by[5] * turned[5]
    return np.add(straight, 2 * crossed)


def _adjugate(matrix: Floats) -> tuple[Floats, ...]:
    xx, yy, zz, xy, xz, yz = matrix
    straight = (yy * zz - yz * yz, xx * zz - xz * xz, xx * yy - xy * xy)
    return (*straight, xz * yz - xy * zz, xy * yz - xz * yy, xy * xz - yz * xx)


def _determinant(matrix: Floats) -> Floats:
    by = _adjugate(matrix)
    determinant: Floats = matrix[0] * by[0] + matrix[3] * by[3] + matrix[4] * by[4]
    return determinant


def _divide(matrix: Floats, by: Floats) -> Turn:
    """Return a symmetric matrix times the inverse of another, by rows."""
    xx, yy, zz, xy, xz, yz = matrix
    lower = root(by)
    one, two, three = (solve_back(lower, *solve(lower, *row)) for row in ((xx, xy, xz), (xy, yy, yz), (xz, yz, zz)))
    return one, two, three


def _rest_of(gain: Turn) -> Turn:
    """Return what a gain leaves: one less it."""
    (a, b, c), (d, e, f), (g, h, i) = gain
    return (1 - a, -b, -c), (-d, 1 - e, -f), (-g, -h, 1 - i)
