"""Options and grid limits drawn at random, without any network behind them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridplan.operation.limits import GridLimits
from gridplan.portfolio.conditions import Conditions
from gridplan.portfolio.cuts import Cuts
from gridplan.portfolio.options import Options

FIRM, CONDITIONAL, MEASURES, RATINGS, HOURS, LIMITS = 2, 3, 1, 1, 5, 3


@dataclass(frozen=True)
class Drawn:
    """Two firm projects, three conditional ones, a measure and a rating of three units each."""

    options: Options
    shape: np.ndarray
    cuts: Cuts
    rng: np.random.Generator

    def choice(self):
        """Draw how often every option is taken."""
        return self.rng.integers(self.options.least, self.options.most + 1).astype(float)

    def excess_mw(self, taken):
        """Bare excess, summed option by option, shape (C, T)."""
        count = len(self.options.names)
        excess = -self.cuts.room_mw.copy()
        for effect in range(self.shape.shape[1]):
            own = effect if effect < count else self.options.second[effect - count]
            excess += np.outer(self.cuts.use[:, effect], self.shape[:, effect]) * taken[own]
        return excess

    @property
    def all_pairs(self):
        """Every limit in every hour, shape (C x T, 2)."""
        return np.argwhere(np.ones((LIMITS, HOURS), bool))


def drawn(seed, tightness=0.6):
    """Draw; the smaller `tightness`, the more of the options is too much."""
    rng = np.random.default_rng(seed)
    count = FIRM + CONDITIONAL + MEASURES + RATINGS
    conditional = np.arange(FIRM, FIRM + CONDITIONAL)
    saving, rating = count - 2, count - 1
    profile = rng.uniform(0.2, 1.0, (HOURS, count)) * (rng.random((HOURS, count)) > 0.1)
    shape = np.hstack([profile, rng.uniform(1.0, 5.0, (HOURS, 1))])
    shape[:, rating] = rng.uniform(1.0, 5.0, HOURS)
    use = rng.uniform(-5.0, 30.0, (LIMITS, count + 1))
    use[:, saving] = -rng.uniform(0.0, 8.0, LIMITS)
    use[:, [rating, -1]] = -rng.uniform(0.0, 1.0, (LIMITS, 2))
    room = tightness * rng.uniform(0.5, 1.0, (LIMITS, HOURS)) * np.maximum(use, 0).sum(1)[:, None]
    most = np.ones(count, dtype=np.int64)
    most[[saving, rating]] = 3
    bus = np.diag(np.append(rng.uniform(5, 30, count - 1), 0.0))
    value = rng.uniform(1.0, 20.0, count)
    value[[saving, rating]] = -rng.uniform(0.1, 3.0, 2)
    share = rng.choice([0.0, 0.2, 0.5, 1.0], CONDITIONAL, p=[0.1, 0.3, 0.3, 0.3])
    options = Options(
        names=pd.Index([f"O{place}" for place in range(count)]),
        profile=profile,
        bus_mw=bus,
        released_mw=np.zeros_like(bus),
        rating_pu=np.zeros((count + 1, 2)),
        second=np.array([rating]),
        value_mnok=value,
        investment_mnok=np.zeros(count),
        least=np.zeros(count, dtype=np.int64),
        most=most,
        conditions=Conditions(
            option=conditional,
            most_pu_h=share * profile[:, conditional].sum(axis=0),
            most_hours=np.full(CONDITIONAL, np.inf),
            longest_h=np.full(CONDITIONAL, np.inf),
            cost_mnok=rng.uniform(0.1, 5.0, CONDITIONAL),
        ),
        barred=pd.Series("", index=range(count)),
    )
    none = np.zeros((LIMITS, count))
    cuts = Cuts(
        use,
        GridLimits(none, none, np.zeros((LIMITS, 2)), room),
        np.zeros((LIMITS, 1)),
        np.zeros((LIMITS, 1)),
    )
    return Drawn(options, shape, cuts, rng)
