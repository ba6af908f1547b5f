"""Classes of figures on maps: limits from the settings, colours that rise in darkness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.colors import LinearSegmentedColormap, to_hex

from gridplan.base.messages import Messages
from gridplan.exports import style
from gridplan.study.settings import Settings

DECIMALS = 6  # of a figure: what lies beyond is the solver's noise


@dataclass(frozen=True)
class Classes:
    """Limits and colours.

    Parameters
    ----------
    limits : tuple of float
        Rising; a figure on a limit belongs to the class above it.
    colours : tuple of str
        One more than limits.
    full : bool
        Whether the last limit is what a branch may carry: a figure on it still belongs below.

    Examples
    --------
    >>> classes = loading_classes(Settings())
    >>> [classes.position(pu) for pu in (0.1, 0.6, 0.97, 1.0, 1.0001, 1.2)]
    [0, 1, 3, 3, 3, 4]
    """

    limits: tuple[float, ...]
    colours: tuple[str, ...]
    full: bool = False

    def position(self, value: float) -> int:
        """Which class a figure belongs to, the lowest is 0."""
        if self.full:
            if value > self.limits[-1] + style.ON_LIMIT:
                return len(self.limits)
            return sum(value >= limit for limit in self.limits[:-1])
        return sum(round(value, DECIMALS) >= limit for limit in self.limits)

    def colour(self, value: float) -> str:
        """Colour of a figure."""
        return self.colours[self.position(value)]

    def ticks(self, messages: Messages, unit: float = 1.0) -> list[str]:
        """Write the limits, divided by `unit`."""
        return [plain(limit / unit, messages) for limit in self.limits]

    def texts(self, messages: Messages, unit: float = 1.0) -> list[str]:
        """Name the classes in figures, the lowest first; limits are divided by `unit`.

        Examples
        --------
        >>> from gridplan.base.messages import messages
        >>> Classes((1, 2.5), ("white", "grey", "black")).texts(messages("nb"))
        ['<1', '1–2,5', '≥2,5']
        """
        ticks = self.ticks(messages, unit)
        between = [messages("size_between", low=low, high=high) for low, high in pairwise(ticks)]
        return [
            messages("size_below", limit=ticks[0]),
            *between,
            messages("size_above", limit=ticks[-1]),
        ]


def plain(value: float, messages: Messages) -> str:
    """Write a limit with as many decimals as it has, three at most."""
    decimals = next((d for d in range(3) if round(value, d) == value), 3)
    return messages.number(value, decimals)


def loading_classes(settings: Settings) -> Classes:
    """Classes of loadings, per unit of the limit."""
    return Classes(
        (*settings.map_classes.loading_pu, 1.0),
        tuple(colour for _, colour in style.LOADING),
        full=True,
    )


def capacity_classes(settings: Settings, kind: str) -> Classes:
    """Classes of MW; `kind` (load, generation, gain) chooses the palette."""
    return _sequential(settings.map_classes.capacity_mw, kind)


def value_classes(settings: Settings) -> Classes:
    """Classes of marginal values, NOK per MW and year."""
    return _sequential(settings.map_classes.value_nok_per_mw, "value")


def _sequential(limits: Sequence[float], kind: str) -> Classes:
    """White for the lowest class, then ever darker."""
    named, count = style.PALETTES[kind], len(limits)
    mixed = LinearSegmentedColormap.from_list(kind, named, N=max(count, 2)).reversed()
    colours = [to_hex(mixed(position)) for position in range(count)][::-1]
    return Classes(tuple(limits), ("#ffffff", *colours))
