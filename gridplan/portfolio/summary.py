"""The figures of a plan, which a notebook shows as a table with units."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from gridplan.base.html import figures_html
from gridplan.base.messages import Language, messages
from gridplan.study.stage import Stage

ROWS = (  # figure, key of its text, decimals
    ("mw", "sum_mw", 1),
    ("co2_t_per_yr", "sum_co2", 0),
    ("jobs", "sum_jobs", 0),
    ("export_mnok_per_yr", "sum_export", 0),
    ("conditional", "sum_conditional", 0),
    ("curtailed_mwh_per_yr", "sum_curtailed", 0),
    ("measures", "sum_measures", 0),
    ("measures_mnok_per_yr", "sum_measures_cost", 1),
    ("symbioses", "sum_symbioses", 0),
    ("reinforcements", "sum_reinforcements", 0),
    ("reinforcements_chosen", "sum_reinforcements_chosen", 0),
    ("reinforcements_mnok_per_yr", "sum_reinforcements_cost", 1),
    ("investment_mnok", "sum_investment", 1),
    ("objective_mnok_per_yr", "sum_objective", 1),
)


class Summary(pd.Series):
    """Figures of a plan by name, as `Plan.summary` gives them.

    It is a pandas.Series in all respects; what is computed from it is a plain one.

    Examples
    --------
    >>> figures = Summary({"projects": 2, "candidates": 3, "mw": 12.5}, name="2030, grid of 2030")
    >>> "2 of 3" in figures._repr_html_(), type(figures[["mw"]]).__name__
    (True, 'Series')
    """

    _metadata = [*pd.Series._metadata, "heading", "language"]  # noqa: RUF012 - pandas wants it
    heading: str = ""
    language: Language = "en"

    def shown(self, study: str, year: int, stage: Stage, language: Language) -> Summary:
        """Set the language of the table, and what stands above it.

        Raises
        ------
        ValueError
            For an unknown language.
        """
        texts, stored = messages(language), stage.year is None
        key = "sum_heading_stored" if stored else "sum_heading"
        self.heading = texts(key, study=study, year=year, grid=stage.year)
        self.language = language
        return self

    def _repr_html_(self) -> str:
        """Show a table with units in a notebook."""
        return figures_html(self.heading or str(self.name), self._named())

    def _named(self) -> Iterator[tuple[str, str]]:
        """Name and value of every figure, in words."""
        texts = messages(self.language)
        of = texts("sum_of", chosen=int(self["projects"]), total=int(self["candidates"]))
        yield texts("sum_projects"), of
        for name, key, decimals in ROWS:
            if name in self:
                yield texts(key), texts.number(self[name], decimals)
