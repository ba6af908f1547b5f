r"""The planned dispatch of every hour, and how far redispatch may leave it.

Hydro follows its hourly plan, wind what is available. A border with share s and constant part c:

    import = c + s · (load − hydro − wind − Σ c),   within [−export limit, import limit]

What a border cannot take because it has reached a limit goes to the others of its island in
proportion to their shares. A network without a plan is dispatched by merit order, without grid.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.study.balance import share_out

Array = NDArray[np.float64]


def redispatch_limits(
    generators: pd.DataFrame,
    hydro_mw: pd.DataFrame,
    wind_pu: pd.DataFrame,
    hydro_flexibility_pu: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lowest and highest output of every generator, per unit of p_nom.

    Parameters
    ----------
    generators : pandas.DataFrame
        Table `generators`, indexed by name.
    hydro_mw : pandas.DataFrame
        Plan, snapshot x hydro generator (MW).
    wind_pu : pandas.DataFrame
        Availability, snapshot x wind generator.
    hydro_flexibility_pu : float
        Share of p_nom by which hydro with storage may leave its plan.

    Returns
    -------
    p_min_pu, p_max_pu : pandas.DataFrame
        Snapshot x generator.
    """
    hours, names = hydro_mw.index, generators.index
    lowest = pd.DataFrame(0.0, index=hours, columns=names)
    highest = pd.DataFrame(0.0, index=hours, columns=names)
    p_nom = generators["p_nom"]
    hydro = hydro_mw.columns
    plan = (hydro_mw / p_nom[hydro]).clip(0.0, 1.0)
    freedom = generators.loc[hydro, "storage"].astype(float) * hydro_flexibility_pu
    lowest[hydro] = (plan - freedom).clip(lower=0.0)
    highest[hydro] = (plan + freedom).clip(upper=1.0)
    highest[wind_pu.columns] = wind_pu.clip(0.0, 1.0)
    borders = names[generators["carrier"] == "border"]
    ones = np.ones((len(hours), 1))
    lowest[borders] = -ones * (generators["export_mw"] / p_nom)[borders].to_numpy()
    highest[borders] = ones * (generators["import_mw"] / p_nom)[borders].to_numpy()
    return lowest, highest


def scheduled_mw(
    generators: pd.DataFrame,
    hydro_mw: pd.DataFrame,
    wind_pu: pd.DataFrame,
    load_mw: Array,
    island: pd.Series,
) -> pd.DataFrame:
    """Plan of every generator, snapshot x generator (MW).

    Parameters
    ----------
    generators, hydro_mw, wind_pu
        As in `redispatch_limits`.
    load_mw : ndarray, shape (T, islands)
        Load of every island (MW).
    island : pandas.Series
        Island of every bus.

    Returns
    -------
    pandas.DataFrame
    """
    schedule = pd.DataFrame(0.0, index=hydro_mw.index, columns=generators.index)
    schedule[hydro_mw.columns] = hydro_mw.clip(0.0, generators["p_nom"][hydro_mw.columns], axis=1)
    schedule[wind_pu.columns] = wind_pu.clip(0.0, 1.0) * generators["p_nom"][wind_pu.columns]
    where = generators["bus"].map(island).to_numpy()
    is_border = (generators["carrier"] == "border").to_numpy()
    planned = schedule.to_numpy(copy=True)
    for number in np.unique(where[is_border]):
        members = is_border & (where == number)
        borders = generators[members]
        start = np.broadcast_to(borders["schedule_mw"].to_numpy(), (len(planned), len(borders)))
        others = planned[:, (where == number) & ~is_border].sum(axis=1)
        planned[:, members] = share_out(
            load_mw[:, number] - others - start.sum(axis=1),
            start,
            np.broadcast_to(-borders["export_mw"].to_numpy(), start.shape),
            np.broadcast_to(borders["import_mw"].to_numpy(), start.shape),
            borders["schedule_share"].to_numpy(),
        )
    return pd.DataFrame(planned, index=schedule.index, columns=schedule.columns)


def merit_order_mw(lowest_mw: Array, highest_mw: Array, cost: Array, load_mw: Array) -> Array:
    """Cheapest dispatch of one island without regard to the grid.

    Parameters
    ----------
    lowest_mw, highest_mw : ndarray, shape (T, G)
        Limits of the generators (MW).
    cost : ndarray, shape (T, G)
        Marginal cost; equal costs are used in the order of the table.
    load_mw : ndarray, shape (T,)
        Load (MW).

    Returns
    -------
    ndarray, shape (T, G)
        Every generator at least at its lowest output; what the limits cannot cover stays open.

    Examples
    --------
    The cheap unit runs full, the dear one covers the rest:

    >>> none, limit = np.zeros((1, 2)), np.array([[40.0, 100.0]])
    >>> merit_order_mw(none, limit, np.array([[5.0, 50.0]]), np.array([70.0]))
    array([[40., 30.]])
    """
    order = np.argsort(cost, axis=1, kind="stable")
    room = np.take_along_axis(highest_mw - lowest_mw, order, axis=1)
    before = np.cumsum(room, axis=1) - room
    need = (load_mw - lowest_mw.sum(axis=1))[:, None]
    used = np.clip(need - before, 0.0, room)
    dispatch = lowest_mw.copy()
    np.put_along_axis(dispatch, order, np.take_along_axis(lowest_mw, order, axis=1) + used, axis=1)
    return dispatch
