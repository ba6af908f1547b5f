"""The stage of a grid, in words: its year and the reinforcements that it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gridplan.base.messages import Messages

STORED, NOTHING = "grid as stored", "no reinforcements"
IN_WORDS = re.compile(r"grid of (?P<year>\d{4})(: (?P<names>.*))?|" + STORED + r"(: (?P<more>.*))?")


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
    >>> Stage.read("grid of 2030: Fjord crossing; Second transformer").in_service
    ('Fjord crossing', 'Second transformer')
    """

    year: int | None
    in_service: tuple[str, ...]

    @property
    def name(self) -> str:
        """The grid without what it holds."""
        return STORED if self.year is None else f"grid of {self.year}"

    def __str__(self) -> str:
        if self.year is None and not self.in_service:
            return self.name
        return f"{self.name}: {'; '.join(self.in_service) or NOTHING}"

    @classmethod
    def read(cls, text: str) -> Stage:
        """Read what `str` has written, as it stands in the attributes of a result.

        Raises
        ------
        ValueError
            When it was written by something else.
        """
        found = IN_WORDS.fullmatch(text)
        if found is None:
            msg = f"{text!r} is no stage of a grid, such as 'grid of 2030: {NOTHING}'"
            raise ValueError(msg)
        names = found["names"] or found["more"] or NOTHING
        in_service = () if names == NOTHING else tuple(names.split("; "))
        return cls(int(found["year"]) if found["year"] else None, in_service)


def stage_texts(stage: Stage, texts: Messages) -> list[str]:
    """Name the stage; a study whose grid is stored as it is has none."""
    count = len(stage.in_service)
    if stage.year is None:
        return []
    key = {0: "grid_none", 1: "grid_one"}.get(count, "grid_many")
    return [texts(key, year=stage.year, count=count)]
