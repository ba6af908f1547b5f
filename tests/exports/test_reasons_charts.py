"""Charts of freed capacity and marginal values say what the tables say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import gridplan as gp
from gridplan.base.messages import LANGUAGES, messages
from gridplan.exports import reasons_charts
from gridplan.exports.reasons_charts import _scale_start
from tests.exports.test_charts import words
from tests.networks_by_hand import projects
from tests.reasons.test_freed import small
from tests.reasons.test_marginal import curtailed_study


@pytest.fixture(scope="module")
def freed():
    return gp.freed_capacity(gp.plan(small()))


@pytest.fixture(scope="module")
def values():
    return gp.marginal_values(gp.plan(small()))


def from_top(ax):
    """Bars as (start, length)."""
    bars = sorted(ax.patches, key=lambda bar: bar.get_y())
    return [(bar.get_x(), bar.get_width()) for bar in bars]


def test_the_waterfall_holds_every_step(freed):
    ax = gp.freed_capacity_plot(freed)
    expected = [(0, 38), (38, 5), (43, 0), (43, 7), (50, 30), (0, 80)]
    np.testing.assert_allclose(from_top(ax), expected)
    said = words(ax)
    assert {"38", "+5", "+7", "+30", "80", "+ Symbioses", "The plan", "Projects"} <= set(said)
    assert any("study study, input" in text for text in said)


def test_assumptions_are_counted(freed):
    measures = freed.plan.measures.assign(basis=["assumption", "register"])
    symbioses = freed.plan.symbioses.assign(basis="register")
    told = replace(freed, plan=replace(freed.plan, measures=measures, symbioses=symbioses))
    words_below = gp.freed_capacity_plot(told).figure.get_supxlabel()
    assert "1 of 3 measures and symbioses are assumptions" in words_below


def test_a_step_may_take_megawatts_away_or_have_no_plan(freed):
    steps = freed.steps.copy()
    steps["mw"] = [np.nan, np.nan, 60.0, 50.0, 80.0]
    steps["mw_added"] = steps["mw"].diff()
    ax = gp.freed_capacity_plot(replace(freed, steps=steps))
    said = words(ax)
    assert said.count("no plan keeps the demands") == 2
    assert {"60 MW", "−10", "+30", "80"} <= set(said)
    assert from_top(ax) == [(60.0, -10.0), (50.0, 30.0), (0.0, 80.0)]


@pytest.mark.parametrize(
    ("mw", "start"),
    [([1160.2, 1199.0, 1422.8], 1000.0), ([38.0, 80.0], 0.0), ([50.0, 50.0], 0.0),
     ([np.nan, 80.0], 0.0)],
)  # fmt: skip
def test_the_scale_starts_at_zero_unless_steps_would_vanish(mw, start):
    assert _scale_start(pd.Series(mw)) == start


def test_a_cut_scale_says_so(freed):
    steps = freed.steps.assign(mw=freed.steps["mw"] + 1000.0)
    ax = gp.freed_capacity_plot(replace(freed, steps=steps))
    assert ax.get_xlim()[0] > 0
    assert "the scale starts at" in ax.get_xlabel()


def test_bars_of_values_are_the_table(values):
    """B and C are worth the same and share a bar."""
    ax = gp.marginal_values_plot(values)
    buses = values.buses["divisible"]
    assert buses["B"] == pytest.approx(buses["C"])
    assert ax.patches[0].get_width() == pytest.approx(buses["C"] / 1e6)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[0] == "C and 1 more"  # projects are planned there
    ratings = values.branches["divisible"]
    assert len(names) == 1 + (ratings > 0).sum()
    assert len(gp.marginal_values_plot(values, n=1).patches) == 1


def test_values_of_the_plan_as_it_is_are_marked():
    """In the plan as it is, a MW at C saves 1,000 NOK; nothing else is worth anything."""
    values = gp.marginal_values(gp.plan(curtailed_study()))
    ax = gp.marginal_values_plot(values)
    assert "With the plan as it is" in words(ax)
    names = [label.get_text() for label in ax.get_yticklabels()]
    marks = dict(zip(names, ax.lines[0].get_xdata(), strict=True))
    assert marks == pytest.approx({"C": 1e-3, "B": 5e-4, "AC": 1.5e-3})
    assert {"0.0015", "0.0010", "0.0005"} <= set(words(ax))


def test_where_all_fits_the_chart_says_so():
    study = small()
    table = projects({"P9": {"bus": "C", "mw": 9.0, "value_mnok_per_yr": 9.0}})
    study = replace(study, projects=table, symbioses=study.symbioses.iloc[:0])
    values = gp.marginal_values(gp.plan(study))
    assert "More room is worth nothing: all that is worth it fits" in words(
        gp.marginal_values_plot(values)
    )


@pytest.mark.parametrize("chart", ["freed_capacity_plot", "marginal_values_plot"])
def test_on_axes_of_the_reader_in_both_languages(chart, freed, values):
    given = freed if chart == "freed_capacity_plot" else values
    draw = getattr(reasons_charts, chart)
    first, second = Figure().subplots(1, 2)
    assert draw(given, second) is second
    assert not first.has_data()
    assert second.figure.get_supxlabel() == ""  # the origin is the reader's own affair there
    english, norwegian = (set(words(draw(given, language=language))) for language in LANGUAGES)
    assert len(english - norwegian) >= 4
    with pytest.raises(ValueError, match="no texts in language 'sv'"):
        draw(given, language="sv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stands_outside_the_figure(freed, values, language):
    for ax in (
        gp.freed_capacity_plot(freed, language=language),
        gp.marginal_values_plot(values, language=language),
    ):
        figure = ax.figure
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        assert box.x0 >= -0.02
        assert box.x1 <= figure.get_figwidth() + 0.02
        assert box.y1 <= figure.get_figheight() + 0.02


def test_at_least_one_bar(values):
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        gp.marginal_values_plot(values, n=0)


def test_every_step_has_a_text():
    assert set(reasons_charts.STEP_TEXTS.values()) <= set(messages("nb").texts)
