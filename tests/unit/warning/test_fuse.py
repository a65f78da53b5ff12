"""Covariance intersection (docs/spec/warning.md, W48): held against Stone Soup's, and never surer than it may be."""

import numpy as np
import numpy.typing as npt
import pytest
from stonesoup.mixturereducer.gaussianmixture import CovarianceIntersection
from stonesoup.types.state import GaussianState

from comity.warning.domain import TrackTerms
from comity.warning.fuse import find_weight, fuse
from comity.warning.layout import Flag
from comity.warning.motion import States, list_axes, make_states
from comity.warning.rows import Rows
from kit.tracks import make_rows

AIR = TrackTerms("policy.track.air", "air", 1_000, 20_000, 60_000)
Floats = npt.NDArray[np.float64]


def _draw(seed: int, count: int) -> Rows:
    draw = np.random.default_rng(seed)
    rows = np.repeat(make_rows({}), count)
    rows["latitude"] += draw.integers(-20_000, 20_000, count, dtype=np.int32)
    rows["longitude"] += draw.integers(-20_000, 20_000, count, dtype=np.int32)
    for name in ("sigma_east", "sigma_north", "sigma_up"):
        rows[name] = draw.integers(100, 9_000, count)
    for name in ("rho_en", "rho_eu", "rho_nu"):
        rows[name] = draw.integers(-15_000, 15_000, count)
    rows["sigma_velocity"] = draw.integers(100, 3_000, count)
    return rows


def _square(six: Floats) -> Floats:
    """Return `(n, 3, 3)`."""
    return six[[[0, 3, 4], [3, 1, 5], [4, 5, 2]]].transpose(2, 0, 1)


def _axes(states: States) -> Floats:
    """Return `(n, 3, 3)`: east, north, up."""
    return np.array([[*axis] for axis in list_axes(states.axes)]).transpose(2, 0, 1)


def _carry(states: States, of: States) -> Floats:
    """Return covariances, turned as NumPy turns, in the local axes of other states."""
    both = _axes(of) @ np.swapaxes(_axes(states), 1, 2)
    turned: Floats = both @ _square(states.covariance) @ np.swapaxes(both, 1, 2)
    return turned


def test_it_is_what_stone_soup_fuses() -> None:
    """Mean and covariance, with the same weight: where both are heard, and where one is taken alone."""
    one, other = make_states(_draw(1, 60), AIR), make_states(_draw(2, 60), AIR)
    fused, second, frame = fuse(one, other), _carry(other, one), _axes(one)
    weight = find_weight(one.covariance, second[:, [0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]].T)
    for i in range(60):
        apart = frame[i] @ (other.point[:, i] - one.point[:, i])
        theirs = CovarianceIntersection.merge_components(
            GaussianState(np.zeros(3), _square(one.covariance)[i]),
            GaussianState(apart, second[i]),
            weights=[float(weight[i]), float(1 - weight[i])],
        )
        assert np.allclose(np.asarray(theirs.covar, np.float64), _square(fused.covariance)[i], rtol=1e-6, atol=1e-2)
        moved = frame[i] @ (fused.point[:, i] - one.point[:, i])
        assert np.allclose(np.asarray(theirs.state_vector, np.float64).ravel(), moved, atol=1e-3)
    is_both = (weight > 0) & (weight < 1)
    assert 0 < is_both.sum() < 60


def test_no_other_weight_leaves_less_doubt() -> None:
    """The determinant is least at the weight that is found, tried at 201 others."""
    one, other = make_states(_draw(3, 40), AIR), make_states(_draw(4, 40), AIR)
    first, second = np.linalg.inv(_square(one.covariance)), np.linalg.inv(_carry(other, one))
    tried = np.linspace(0, 1, 201)[:, None, None, None]
    volumes = 1 / np.linalg.det(tried * first + (1 - tried) * second)
    fused = np.linalg.det(_square(fuse(one, other).covariance))
    assert (fused <= volumes.min(axis=0) * (1 + 1e-5)).all()


def test_it_is_never_surer_than_it_may_be() -> None:
    """Two reports that share one radar's error: fused as if they were independent, the doubt would be halved; here the
    error that is made stays within what is said of it.
    """
    draw = np.random.default_rng(5)
    rows = np.repeat(make_rows({"sigma_east": 1_000, "sigma_north": 1_000, "sigma_up": 1_000}), 2_000)
    shared = draw.normal(0, 100, 2_000)
    first, second = rows.copy(), rows.copy()
    first["latitude"] += np.rint(shared * 90).astype(np.int32)
    second["latitude"] += np.rint(shared * 90).astype(np.int32)
    fused = fuse(make_states(first, AIR), make_states(second, AIR))
    missed = _axes(make_states(rows, AIR)) @ (fused.point - make_states(rows, AIR).point).T[:, :, None]
    assert missed[:, 1, 0].std() <= np.sqrt(fused.covariance[1]).max() * 1.05


def test_what_one_knows_fills_what_the_other_does_not() -> None:
    """One has no altitude, the other a poor bearing: the estimate has the best of both, within a sixteenth."""
    flat = make_rows({"flags": Flag.VELOCITY, "altitude": 0, "sigma_up": 1})
    high = make_rows({"sigma_east": 50_000, "sigma_north": 50_000, "sigma_up": 500})
    fused = fuse(make_states(flat, AIR), make_states(high, AIR))
    east, _, up = np.sqrt(fused.covariance[:3, 0])
    assert east < 60
    assert up < 1_000
    assert fused.knows.tolist() == [12]


@pytest.mark.parametrize("sigma", [1, 200_000_000])
def test_no_size_of_doubt_breaks_it(sigma: int) -> None:
    """A decimetre against a fifth of the earth, and twice the same: still a covariance."""
    one = make_states(make_rows({"sigma_east": 1, "sigma_up": sigma}), AIR)
    other = make_states(make_rows({"sigma_north": sigma, "sigma_up": 1}), AIR)
    for pair in ((one, other), (one, one), (other, one)):
        fused = fuse(*pair)
        assert (np.linalg.eigvalsh(_square(fused.covariance)) > 0).all()
