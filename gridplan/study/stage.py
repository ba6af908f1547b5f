"""The stage of a grid, in words: its year and the reinforcements that it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """Which grid a result stands on.

    Parameters
    ----------
    year : int or None
        The grid of this year; None for the grid as it was stored.
    in_service : tuple of str
        Reinforcements that it holds, in the order in which they were built.

    Examples
    --------
    >>> stage = Stage(2030, ("Fjord crossing", "Second transformer"))
    >>> stage.name
    'grid of 2030'
    >>> print(stage)
    grid of 2030: Fjord crossing; Second transformer
    >>> print(Stage(2025, ()))
    grid of 2025: no reinforcements
    """

    year: int | None
    in_service: tuple[str, ...]

    @property
    def name(self) -> str:
        """The grid without what it holds."""
        return "grid as stored" if self.year is None else f"grid of {self.year}"

    def __str__(self) -> str:
        if self.year is None and not self.in_service:
            return self.name
        return f"{self.name}: {'; '.join(self.in_service) or 'no reinforcements'}"
