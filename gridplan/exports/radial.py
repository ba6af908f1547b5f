"""Projects at places that N-1 cannot protect: behind a bridge, the only branch that leads there."""

from __future__ import annotations

import pandas as pd

from gridplan.check.certificate import Certificate


def stands_without_n1(projects: pd.DataFrame, certificate: Certificate) -> pd.Series:
    """Tell which projects stand behind a bridge.

    Parameters
    ----------
    projects : pandas.DataFrame
        With a column `bus`.
    certificate : Certificate
        Whose bridges count.

    Returns
    -------
    pandas.Series of bool
    """
    buses = {bus for text in certificate.without_n1["buses"] for bus in text.split("; ")}
    return projects["bus"].isin(buses)


def mw_without_n1(projects: pd.DataFrame, certificate: Certificate) -> float:
    """MW of the chosen projects that stand behind a bridge."""
    exposed = projects["chosen"] & stands_without_n1(projects, certificate)
    return float(projects.loc[exposed, "mw"].sum())
