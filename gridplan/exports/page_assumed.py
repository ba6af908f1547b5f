"""What the interactive map says of the county's goals, and of what is assumed."""

from __future__ import annotations

from collections.abc import Iterator

from gridplan.base.messages import Language, Messages
from gridplan.exports.assumptions import basis_counts, settings_table
from gridplan.portfolio.plan import Plan
from gridplan.study.study import Study

TABLES = {  # key of the text by the name of the table
    "buses": "rep_rows_buses",
    "lines": "rep_lines",
    "transformers": "rep_transformers",
    "generators": "rep_rows_generators",
    "loads": "rep_rows_loads",
    "projects": "rep_rows_projects",
    "measures": "rep_rows_measures",
    "symbioses": "rep_rows_symbioses",
    "reinforcements": "rep_rows_reinforcements",
}


def goals_told(plan: Plan, texts: Messages, language: Language) -> str:
    """Say how far a plan goes towards each goal of the county; "" where there are none."""
    goals = plan.goals()
    if goals.empty:
        return ""
    told = (
        texts(
            "page_goal",
            name=goal["name"] if language == "nb" else name,
            percent=texts.number(100 * goal["share_pu"]),
            year=goal["target_year"],
        )
        for name, goal in goals.iterrows()
    )
    return texts("page_goals", goals=" · ".join(told))


def assumed(study: Study, texts: Messages) -> Iterator[tuple[str, str]]:
    """Tell how the rows of every table are known, and what the settings are.

    Parameters
    ----------
    study : Study
        On the grid of the result.
    texts : Messages
        The language.

    Yields
    ------
    tuple of str
        Name and text.
    """
    for row in basis_counts(study).set_index("table").itertuples():
        told = [
            f"{texts(f'page_basis_{basis}')} {texts.number(count)}"
            for basis, count in row._asdict().items()
            if basis not in ("Index", "rows") and count
        ]
        if told:
            name = texts(TABLES[row.Index])
            yield name[0].upper() + name[1:], ", ".join(told)
    for name, value in settings_table(study.settings, texts).itertuples(index=False):
        yield (
            name,
            value if isinstance(value, str) else f"{value:g}".replace(".", texts.texts["decimal"]),
        )
