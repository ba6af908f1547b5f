"""The grid of an AC power flow as arrays, with its tap changers and reactors.

Admittances are on 1 MVA and per unit of `v_nom`, so that a voltage squared times an admittance is
a power in MVA. Branches are pi models as PyPSA has them (t-model transformers are turned into
those), with the tap on the side that `tap_side` names:

    S0 = V0 · conj((y + y_sh/2) V0 / t0² − y V1 / (t0 t1 e^(−jφ)))      and S1 the other way round.

A transformer that states no tap ratio has that of the reference voltages of its ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pypsa
from numpy.typing import NDArray
from scipy import sparse

from gridplan.base.errors import Problem, StudyError
from gridplan.check.evidence import Evidence
from gridplan.check.replica import replica
from gridplan.study.settings_ac import AcSettings

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Positions = NDArray[np.int64]
PI = ["r_pu", "x_pu", "g_pu", "b_pu", "tap_ratio", "tap_side", "phase_shift"]


@dataclass(frozen=True)
class TapGroup:
    """Parallel transformers that step together.

    Parameters
    ----------
    members : ndarray of int
        Positions of their branches.
    bus : int
        Position of the bus whose voltage they hold.
    direction : ndarray, shape (members,)
        +1 where a larger tap ratio raises the voltage of that bus, else −1.
    above_kv : float
        Nominal voltage of the other side; higher levels step first.
    """

    members: Positions
    bus: int
    direction: Array
    above_kv: float


@dataclass(frozen=True)
class AcGrid:
    """N buses and L branches.

    Parameters
    ----------
    evidence : Evidence
        Graph, islands and ratings of the same network.
    settings : AcSettings
        The assumptions.
    v_nom : ndarray, shape (N,)
        Nominal voltages (kV).
    reference_pu : ndarray, shape (N,)
        Reference voltage per unit of `v_nom`.
    series, shunt : ndarray of complex, shape (L,)
        Admittances of the branches.
    tap, tap_at : ndarray, shape (L,)
        Ratio at neutral tap, and whether it is at bus0 (0) or bus1 (1).
    shift : ndarray of complex, shape (L,)
        e^(jφ) of the phase shift.
    fixed_mvar : ndarray, shape (N,)
        Fixed shunts at `v_nom`, capacitors positive (MVAr).
    reactor_mvar : ndarray, shape (N,)
        What the reactors of a bus take up at most (MVAr).
    groups : tuple of TapGroup
        Those that regulate.
    """

    evidence: Evidence
    settings: AcSettings
    v_nom: Array
    reference_pu: Array
    series: Complex
    shunt: Complex
    tap: Array
    tap_at: Positions
    shift: Complex
    fixed_mvar: Array
    reactor_mvar: Array
    groups: tuple[TapGroup, ...]

    @property
    def target_pu(self) -> Array:
        """Voltage that is held at every bus, per unit of `v_nom`, shape (N,)."""
        return self.reference_pu * np.array([self.settings.target_pu(v) for v in self.v_nom])

    @property
    def limits_pu(self) -> tuple[Array, Array]:
        """Lowest and highest voltage, per unit of `v_nom`, each of shape (N,)."""
        pairs = np.array([self.settings.limits_pu(v) for v in self.v_nom])
        return self.reference_pu * pairs[:, 0], self.reference_pu * pairs[:, 1]

    @property
    def rated_pu(self) -> Array:
        """Voltage at which a rating is meant at either end, per unit of `v_nom`, shape (2, L).

        That of lines is a current, which s_nom states at `v_nom`; transformers are rated at the
        reference voltages.
        """
        ends = np.stack([self.evidence.from_bus, self.evidence.to_bus])
        line = (self.evidence.branches["component"] == "Line").to_numpy()
        return np.where(line, 1.0, self.reference_pu[ends])

    def ratios(self, positions: Positions) -> Array:
        """Tap ratio of every branch for a position of every group, shape (L,)."""
        ratio = self.tap.copy()
        for group, position in zip(self.groups, positions, strict=True):
            ratio[group.members] *= 1.0 + group.direction * position * self.settings.tap_step_pu
        return ratio


@dataclass(frozen=True)
class Admittance:
    """What turns voltages into currents, N buses and L branches.

    Parameters
    ----------
    bus : sparse array, shape (N, N)
        Currents that leave the buses.
    row, column : ndarray of int, shape (E,)
        Places of the entries of `bus`; places repeat and add up.
    entry : ndarray of complex, shape (E,)
        The entries.
    ends : ndarray of complex, shape (4, L)
        Of each branch: current at bus0 by the voltages of bus0 and bus1, and at bus1 by them.
    from_bus, to_bus : ndarray of int, shape (L,)
        Ends of the branches.
    """

    bus: sparse.csr_array
    row: Positions
    column: Positions
    entry: Complex
    ends: Complex
    from_bus: Positions
    to_bus: Positions

    def currents(self, voltage: Complex) -> tuple[Complex, Complex]:
        """Currents into the branches at bus0 and at bus1, each of shape (L,)."""
        v0, v1 = voltage[self.from_bus], voltage[self.to_bus]
        return self.ends[0] * v0 + self.ends[1] * v1, self.ends[2] * v0 + self.ends[3] * v1


def ac_grid(network: pypsa.Network, evidence: Evidence, settings: AcSettings) -> AcGrid:
    """Read what an AC power flow needs of a network.

    Parameters
    ----------
    network : pypsa.Network
        The grid.
    evidence : Evidence
        Of the same network.
    settings : AcSettings
        The assumptions.

    Raises
    ------
    StudyError
        Where a shunt names an unknown bus.
    """
    v_nom = network.c.buses.static["v_nom"].to_numpy(dtype=float)
    reference = np.array([settings.reference_kv(v) for v in v_nom]) / v_nom
    table = _pi_models(network, evidence)
    series = 1.0 / (table["r_pu"].to_numpy() + 1j * table["x_pu"].to_numpy())
    shunt = table["g_pu"].to_numpy() + 1j * table["b_pu"].to_numpy()
    tap_at = table["tap_side"].to_numpy(dtype=np.int64)
    return AcGrid(
        evidence=evidence,
        settings=settings,
        v_nom=v_nom,
        reference_pu=reference,
        series=series,
        shunt=shunt,
        tap=_neutral_taps(table, evidence, reference),
        tap_at=tap_at,
        shift=np.exp(1j * np.deg2rad(table["phase_shift"].to_numpy(dtype=float))),
        fixed_mvar=_fixed_mvar(evidence, settings),
        reactor_mvar=_reactors_mvar(evidence, settings, v_nom, shunt.imag),
        groups=_tap_groups(evidence, settings, v_nom, tap_at),
    )


def admittance(grid: AcGrid, positions: Positions, out: Positions) -> Admittance:
    """Build the matrices for tap positions and branches out of service.

    Parameters
    ----------
    grid : AcGrid
        The grid.
    positions : ndarray of int, shape (groups,)
        Taps.
    out : ndarray of int
        Branches that are removed.
    """
    evidence = grid.evidence
    ratio = grid.ratios(positions)
    t0, t1 = np.where(grid.tap_at == 0, ratio, 1.0), np.where(grid.tap_at == 1, ratio, 1.0)
    kept = np.ones(len(ratio))
    kept[out] = 0.0
    own = kept * (grid.series + 0.5 * grid.shunt)
    mutual = -kept * grid.series / (t0 * t1)
    ends = np.stack([own / t0**2, mutual * grid.shift, mutual / grid.shift, own / t1**2])
    start, stop, every = evidence.from_bus, evidence.to_bus, np.arange(len(evidence.buses))
    row = np.concatenate([start, start, stop, stop, every])
    column = np.concatenate([start, stop, start, stop, every])
    entry = np.concatenate([ends.ravel(), 1j * grid.fixed_mvar])
    bus = sparse.csr_array((entry, (row, column)), shape=(len(every), len(every)))
    return Admittance(bus, row, column, entry, ends, start, stop)


def _pi_models(network: pypsa.Network, evidence: Evidence) -> pd.DataFrame:
    """Per-unit pi models of the active branches, in the order of the evidence."""
    bare = replica(network, np.array([0]))
    bare.calculate_dependent_values()
    tables = []
    for component in evidence.branches["component"].unique():
        table = bare.c[component].static.reindex(columns=PI)
        if component == "Line":
            table = table.assign(tap_ratio=1.0, tap_side=0, phase_shift=0.0)
        tables.append(table)
    return pd.concat(tables).loc[evidence.branches.index]


def _neutral_taps(table: pd.DataFrame, evidence: Evidence, reference: Array) -> Array:
    """Tap ratio as stated; that of the reference voltages where it is 1, shape (L,)."""
    stated = table["tap_ratio"].fillna(1.0).replace(0.0, 1.0).to_numpy(dtype=float)
    ratio = reference[evidence.from_bus] / reference[evidence.to_bus]
    natural = np.where(table["tap_side"].to_numpy() == 0, ratio, 1.0 / ratio)
    transformer = (evidence.branches["component"] == "Transformer").to_numpy()
    return np.where(transformer & (stated == 1.0), natural, stated)


def _fixed_mvar(evidence: Evidence, settings: AcSettings) -> Array:
    """Place the fixed shunts at their buses (MVAr), shape (N,)."""
    mvar = np.zeros(len(evidence.buses))
    place = evidence.buses.get_indexer(list(settings.shunts_mvar))
    unknown = [name for name, at in zip(settings.shunts_mvar, place, strict=True) if at < 0]
    if unknown:
        message, remedy = "unknown bus", "Name a bus of the grid."
        raise StudyError(
            [Problem("", "ac", "shunts_mvar", name, message, remedy) for name in unknown]
        )
    mvar[place] = list(settings.shunts_mvar.values())
    return mvar


def _reactors_mvar(evidence: Evidence, settings: AcSettings, v_nom: Array, b_pu: Array) -> Array:
    """Reactors of every bus (MVAr): a share of what its lines charge, half at either end."""
    line = (evidence.branches["component"] == "Line").to_numpy()
    long = line & (v_nom[evidence.from_bus] >= settings.high_from_kv)
    each = np.where(long, 0.5 * settings.charging_compensated_pu * np.maximum(b_pu, 0.0), 0.0)
    mvar = np.zeros(len(evidence.buses))
    np.add.at(mvar, evidence.from_bus, each)
    np.add.at(mvar, evidence.to_bus, each)
    return mvar


def _tap_groups(
    evidence: Evidence, settings: AcSettings, v_nom: Array, tap_at: Positions
) -> tuple[TapGroup, ...]:
    """Group the transformers that hold the voltage of their lower side, by the buses."""
    members: dict[tuple[int, int], list[int]] = {}
    for branch in np.flatnonzero((evidence.branches["component"] == "Transformer").to_numpy()):
        ends = int(evidence.from_bus[branch]), int(evidence.to_bus[branch])
        high, low = sorted(ends, key=lambda bus: (-v_nom[bus], bus))
        if v_nom[low] < min(v_nom[high], settings.high_from_kv):
            members.setdefault((high, low), []).append(int(branch))
    groups = []
    for (high, low), branches in members.items():
        position = np.array(branches)
        at_low = np.where(
            tap_at[position] == 0, evidence.from_bus[position], evidence.to_bus[position]
        )
        direction = np.where(at_low == low, 1.0, -1.0)
        groups.append(TapGroup(position, low, direction, float(v_nom[high])))
    return tuple(groups) if settings.tap_steps else ()
