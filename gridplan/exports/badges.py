"""Where branches are: the middle of a line, the station of a transformer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pypsa

from gridplan.exports.features import middle_of
from gridplan.exports.geography import Array, Geography


def middle_of_branch(branch: str, network: pypsa.Network, geography: Geography) -> Array:
    """Point of a branch, shape (2,) in km."""
    lines = network.c.lines.static
    if branch in lines.index:
        return middle_of(geography.paths(lines.loc[[branch]])[0])
    bus = network.c.transformers.static.loc[branch, "bus0"]
    return geography.buses.loc[bus, ["x", "y"]].to_numpy(float)


def numbered(
    branches: Sequence[str], network: pypsa.Network, geography: Geography, colour: str
) -> pd.DataFrame:
    """Numbers at branches, as `Features.badges` holds them, from 1 in the order given."""
    points = [middle_of_branch(branch, network, geography) for branch in branches]
    return numbered_at(points, branches, [colour] * len(branches))


def numbered_at(
    points: Sequence[Array], names: Sequence[str], colours: Sequence[str]
) -> pd.DataFrame:
    """Numbers at points (km), from 1 in the order given; a point of NaN gets none."""
    table = pd.DataFrame(
        np.reshape(points, (-1, 2)), columns=["x", "y"], index=pd.Index(names, dtype=object)
    )
    return table.assign(number=range(1, len(names) + 1), colour=list(colours)).dropna()
