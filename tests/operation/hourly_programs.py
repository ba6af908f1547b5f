"""Random hourly programs, and every hour compared with a program of its own in SciPy."""

import numpy as np
from scipy.optimize import linprog

from gridplan.operation.regions import Bounds, solve_hours

INF = np.inf


def bounds_of(lower, upper, row_lower, row_upper):
    return Bounds(*(np.array(side, dtype=float) for side in (lower, upper, row_lower, row_upper)))


def supply(demand, upper=(10.0, 10.0)):
    """Bounds of two sources that cover a demand: z_0 + z_1 = demand."""
    demand = np.array(demand, dtype=float)[:, None]
    upper = np.tile(upper, (len(demand), 1)).astype(float)
    return Bounds(np.zeros_like(upper), upper, demand, demand.copy())


def optimum(cost, matrix, bounds, hour):
    """Optimum of one hour, from another front end and with every side written out."""
    row_lower, row_upper = bounds.row_lower[hour], bounds.row_upper[hour]
    below, above = np.isfinite(row_lower), np.isfinite(row_upper)
    found = linprog(
        cost,
        A_ub=np.vstack([matrix[above], -matrix[below]]),
        b_ub=np.concatenate([row_upper[above], -row_lower[below]]),
        bounds=np.column_stack([bounds.lower[hour], bounds.upper[hour]]),
    )
    assert found.status == 0, found.message
    return found.fun


def bound_by_duals(cost, matrix, bounds, found):
    """Largest lower bound on the optimum of every hour that the duals of its region prove."""
    dual = found.row_dual[found.region]
    reduced = cost - dual @ matrix
    reduced[np.abs(reduced) < 1e-9], dual[np.abs(dual) < 1e-9] = 0.0, 0.0
    with np.errstate(invalid="ignore"):  # 0 times an infinite bound
        parts = [
            np.nansum(np.where(price > 0, low, high) * price, axis=1)
            for price, low, high in (
                (dual, bounds.row_lower, bounds.row_upper),
                (reduced, bounds.lower, bounds.upper),
            )
        ]
    return sum(parts)


def check(cost, matrix, bounds):
    """Compare all hours with programs of their own; return what was found."""
    found = solve_hours(cost, matrix, bounds)
    hours = range(len(bounds.lower))
    expected = np.array([optimum(cost, matrix, bounds, hour) for hour in hours])
    np.testing.assert_allclose(found.z @ cost, expected, rtol=1e-6, atol=1e-6)
    proven = bound_by_duals(cost, matrix, bounds, found)
    np.testing.assert_allclose(proven, expected, rtol=1e-6, atol=1e-6)
    assert (found.z >= bounds.lower - 1e-6).all()
    assert (found.z <= bounds.upper + 1e-6).all()
    activity = found.z @ matrix.T
    assert (activity >= bounds.row_lower - 1e-6).all()
    assert (activity <= bounds.row_upper + 1e-6).all()
    assert found.programs == len(found.row_dual) == len(np.unique(found.region)) <= len(hours)
    return found


def random_problem(seed, hours=40):
    """Random program, each hour with bounds around a point of its own, so that it is feasible.

    Costs have ties; some columns have no upper bound, some are fixed; rows are equations, one-sided
    the one or the other way, two-sided or without bound, and that changes from hour to hour.
    """
    rng = np.random.default_rng(seed)
    columns, rows = rng.integers(2, 10), rng.integers(1, 7)
    matrix = rng.normal(size=(rows, columns)).round(rng.integers(0, 3))
    cost = rng.integers(-2, 4, columns).astype(float)
    point = rng.normal(0, 3, (hours, columns)).round(2)
    width = rng.uniform(0, 4, (2, hours, columns)) * (rng.random((2, hours, columns)) > 0.15)
    upper = point + width[1]
    upper[:, cost > 0] = np.where(rng.random(columns)[cost > 0] < 0.3, INF, upper[:, cost > 0])
    activity = point @ matrix.T
    kind = rng.choice(5, rows)
    kind = np.where(rng.random((hours, rows)) < 0.2, rng.choice(5, (hours, rows)), kind)
    room = rng.uniform(0, 3, (2, hours, rows)) * (rng.random((2, hours, rows)) > 0.15)
    row_lower = np.where(kind == 0, activity, np.where(kind % 2 == 1, activity - room[0], -INF))
    row_upper = np.where(kind == 0, activity, np.where(kind >= 3, activity + room[1], INF))
    row_upper[kind == 2] = (activity + room[1])[kind == 2]
    row_lower[kind == 4] = -INF
    return cost, matrix, Bounds(point - width[0], upper, row_lower, row_upper)


def random_supply(seed, hours=60, columns=9, rows=5):
    """Supply of a varying demand under random limits, always feasible thanks to a dear column."""
    rng = np.random.default_rng(seed)
    matrix = np.vstack([np.ones(columns), rng.normal(size=(rows - 1, columns)).round(1)])
    matrix[1:, -1] = 0.0
    cost = np.append(rng.integers(1, 4, columns - 1), 50.0).astype(float)  # ties on purpose
    upper = rng.uniform(0, 2, (hours, columns))
    upper[rng.random((hours, columns)) < 0.1] = 0.0  # fixed in some hours
    upper[:, -1] = INF
    demand = rng.uniform(1, 8, (hours, 1))
    limit = rng.uniform(0, 3, (hours, rows - 1))
    endless = np.full_like(limit, -INF)
    return cost, matrix, Bounds(
        np.zeros_like(upper), upper, np.hstack([demand, endless]), np.hstack([demand, limit])
    )  # fmt: skip
