"""Small matrices, many at once, by plain operations in one order (docs/spec/warning.md, W41).

A symmetric matrix is `(6, n)`: xx, yy, zz, xy, xz, yz. A turn is three rows of three columns of numbers. Roots of
matrices (Cholesky) and not determinants stand behind what is divided by: where one direction is known a million times
better than another, the determinant of a turned covariance has no right digit left.
"""

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "Turn", "join", "measure", "multiply", "root", "solve", "solve_back", "turn_covariance"]

Floats = npt.NDArray[np.float64]
Turn = tuple[tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats], tuple[Floats, Floats, Floats]]


def root(matrix: Floats) -> Floats:
    """Return the lower triangle L of which LLᵀ is the matrix, `(6, n)` in the same places."""
    xx, yy, zz, xy, xz, yz = matrix
    first = np.sqrt(xx)
    down, far = xy / first, xz / first
    second = np.sqrt(yy - down * down)
    beside = (yz - far * down) / second
    return np.stack([first, second, np.sqrt(zz - far * far - beside * beside), down, far, beside])


def solve(lower: Floats, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
    """Return L⁻¹ times a vector."""
    first, second, third, down, far, beside = lower
    x = x / first
    y = (y - down * x) / second
    return x, y, (z - far * x - beside * y) / third


def solve_back(lower: Floats, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
    """Return L⁻ᵀ times a vector."""
    first, second, third, down, far, beside = lower
    z = z / third
    y = (y - beside * z) / second
    return (x - down * y - far * z) / first, y, z


def measure(matrix: Floats, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Return the squared length of a vector in units of a covariance, and that covariance's determinant."""
    lower = root(matrix)
    x, y, z = solve(lower, x, y, z)
    volume = lower[0] * lower[1] * lower[2]
    return x * x + y * y + z * z, volume * volume


def multiply(turn: Turn, x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
    """Turn vectors."""
    a, b, c = (row[0] * x + row[1] * y + row[2] * z for row in turn)
    return a, b, c


def join(outer: Turn, inner: Turn) -> Turn:
    """Return the turn that is `inner` and then `outer`, where both are given as rows of axes: outer · innerᵀ."""
    one, two, three = (tuple(a[0] * b[0] + a[1] * b[1] + a[2] * b[2] for b in inner) for a in outer)
    return one, two, three  # type: ignore[return-value]  # three by three, which a generator does not say


def turn_covariance(turn: Turn, matrix: Floats) -> Floats:
    """Return TMTᵀ. The turn may be any three by three."""
    xx, yy, zz, xy, xz, yz = matrix
    columns = (multiply(turn, xx, xy, xz), multiply(turn, xy, yy, yz), multiply(turn, xz, yz, zz))
    top, middle, bottom = (tuple(column[row] for column in columns) for row in range(3))
    (a, b, c), (d, e, f) = turn[0], turn[1]
    g, h, i = turn[2]
    return np.stack(
        [
            top[0] * a + top[1] * b + top[2] * c,
            middle[0] * d + middle[1] * e + middle[2] * f,
            bottom[0] * g + bottom[1] * h + bottom[2] * i,
            top[0] * d + top[1] * e + top[2] * f,
            top[0] * g + top[1] * h + top[2] * i,
            middle[0] * g + middle[1] * h + middle[2] * i,
        ]
    )
