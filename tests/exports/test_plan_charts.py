"""Charts of loads, loadings, goals and comparisons say what the results say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import LANGUAGES
from gridplan.exports.loading import highest_loading
from gridplan.exports.loading_chart import AT_LIMIT, OVER_LIMIT
from gridplan.study.settings import CountyGoal
from gridplan.study.study import Study
from tests.exports.test_charts import words
from tests.networks_by_hand import projects, triangle

GOAL = {"baseline_year": 2020, "target_year": 2030, "source": "made up"}
GOALS = (
    CountyGoal(name="Utslipp", name_en="Emissions", quantity="co2_t_per_yr", baseline=20_000,
               change_pu=-0.5, **GOAL),
    CountyGoal(name="Arbeid", name_en="Work", quantity="jobs", baseline=100, target=148, **GOAL),
)  # fmt: skip


@pytest.fixture(scope="module")
def with_goals(result):
    settings = result.study.settings.model_copy(update={"county_goals": GOALS})
    return replace(result, study=replace(result.study, settings=settings))


@pytest.fixture(scope="module")
def comparison(result):
    none = gp.plan(result.study, measures=False, symbioses=False)
    return gp.compare({"alt": result, "uten tiltak $x$": none})


def peaks(ax):
    return [np.asarray(line.get_data()[0]).max() for line in ax.patches]


def test_loads_before_and_with_the_plan_are_those_of_the_results(result):
    ax = gp.load_duration_plot(result, "Ås E")
    at = result.base.case.grid.topology.buses.get_loc("E")
    before = result.base.case.load_mw[:, at]
    loads = result.network.c.loads.static
    then = result.network.get_switchable_as_dense("Load", "p_set")
    then = then[loads.index[loads["bus"] == "E"]].sum(axis=1)
    np.testing.assert_allclose(peaks(ax), [before.max(), then.max()], atol=1e-9)
    for line, hourly in zip(ax.patches, (before, then), strict=True):
        np.testing.assert_allclose(np.asarray(line.get_data()[0]), np.sort(hourly)[::-1], atol=1e-9)


def test_ordinary_growth_is_told_apart_from_todays_load(result):
    """The quay of 2 MW at B counts as ordinary growth; the ferry of 6.5 MW there is chosen."""
    ax = gp.load_duration_plot(result, "B")
    assert result.projects.loc["Ferge", "chosen"]
    today, before, then = peaks(ax)
    assert (before - today, then - before) == pytest.approx((2.0, 6.5))


def test_the_whole_place_is_the_county_where_one_is_marked(result):
    everywhere = peaks(gp.load_duration_plot(result))
    study = result.study
    network = study.network.copy()
    network.c.buses.static["in_county"] = network.c.buses.static.index == "B"
    inside = gp.load_duration_plot(replace(result, study=replace(study, network=network)))
    assert peaks(inside) == pytest.approx(peaks(gp.load_duration_plot(result, "B")))
    assert everywhere[-1] > peaks(inside)[-1]
    assert "Åsene 2030: load hour by hour, highest first" in words(inside)


def test_no_such_place(result):
    with pytest.raises(StudyError, match="no such bus or station") as error:
        gp.load_duration_plot(result, "Ås Ø")
    assert "Did you mean" in str(error.value)


def heat(ax):
    """Colours by hour of the day and day."""
    return np.asarray(ax.images[0].get_array())


@pytest.mark.parametrize("branch", ["CD", "A T1"])
def test_the_highest_loading_is_the_one_of_the_map(result, branch):
    expected = 100 * highest_loading(result, None)[branch]
    told = [
        float(text.split("Highest ")[1].split(" %")[0])
        for after in (False, True)
        for text in words(gp.loading_heatmap(result, branch, after_outage=after))
        if text.startswith("Highest")
    ]
    assert max(told) == pytest.approx(expected, abs=0.051)


def triangle_with(mw: float) -> Study:
    return Study(network=triangle(load_mw=mw), projects=projects({}))


@pytest.mark.parametrize(
    ("load_mw", "said", "colour"),
    [
        (60.0, "Highest 60.0 % (60 of 100 MW)", None),
        (100.0, "Highest 100.0 % (100 of 100 MW)", AT_LIMIT),
        (120.0, "Highest 120.0 % (120 of 100 MW)", OVER_LIMIT),
    ],
)
def test_after_an_outage_all_goes_the_other_way(load_mw, said, colour):
    base = gp.base_case(triangle_with(load_mw))
    ax = gp.loading_heatmap(base, "BC", after_outage=True)
    (text,) = [text for text in words(ax) if text.startswith("Highest")]
    assert text.startswith(said)
    assert text.endswith("after AC")
    if colour is not None:
        np.testing.assert_allclose(heat(ax)[0, 0], to_rgb(colour))
        assert any(text.endswith("its limit: 1 hour") for text in words(ax))
    without = [text for text in words(gp.loading_heatmap(base, "BC")) if "Highest" in text]
    assert without[0].startswith(f"Highest {load_mw / 3:.1f} %")


def test_a_heat_map_needs_a_branch_and_flows(result):
    with pytest.raises(StudyError, match="no such branch"):
        gp.loading_heatmap(result, "CX")
    with pytest.raises(TypeError, match="not a Study"):
        gp.loading_heatmap(result.study, "CD")


def test_goals_are_those_of_the_plan(with_goals):
    table = with_goals.goals()
    assert table["share_pu"].tolist() == pytest.approx([0.4, 0.25])
    ax = gp.goals_plot(with_goals, language="nb")
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([40.0, 25.0])
    said = words(ax)
    assert {"Utslipp", "planen: 40,0 %", "4\xa0000 av 10\xa0000 t CO2e i året innen 2030",
            "12 av 48 arbeidsplasser innen 2030"} <= set(said)  # fmt: skip


def test_without_goals_the_chart_says_so(result):
    assert "The study names no goals of the county" in words(gp.goals_plot(result))


def test_comparison_has_a_bar_for_every_plan_and_quantity(comparison):
    ax = gp.comparison_plot(comparison)
    mw = comparison.summary.loc["mw"]
    assert len(ax.patches) == 10
    assert ax.patches[0].get_width() == pytest.approx(mw["alt"] / mw.max())
    assert "uten tiltak $x$" in words(ax)


def test_plans_that_cannot_be_told_apart_are_refused(comparison):
    wide = pd.concat([comparison.summary.iloc[:, :1]] * 9, axis=1)
    plans = {str(number): None for number in range(9)}
    with pytest.raises(ValueError, match="at most 8 plans"):
        gp.comparison_plot(replace(comparison, plans=plans, summary=wide.set_axis(plans, axis=1)))


def draws(with_goals, comparison):
    return [
        lambda ax, **more: gp.load_duration_plot(with_goals, "", ax, **more),
        lambda ax, **more: gp.loading_heatmap(with_goals, "CD", ax, after_outage=True, **more),
        lambda ax, **more: gp.goals_plot(with_goals, ax, **more),
        lambda ax, **more: gp.comparison_plot(comparison, ax, **more),
    ]


def test_on_axes_of_the_reader_in_both_languages(with_goals, comparison):
    for draw in draws(with_goals, comparison):
        first, second = Figure().subplots(1, 2)
        assert draw(second) is second
        assert not first.has_data()
        assert second.figure.get_supxlabel() == ""
        english, norwegian = (set(words(draw(None, language=each))) for each in LANGUAGES)
        assert len(english - norwegian) >= 3
        with pytest.raises(ValueError, match="no texts in language 'sv'"):
            draw(None, language="sv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stands_outside_the_figure(with_goals, comparison, language):
    for draw in draws(with_goals, comparison):
        figure = draw(None, language=language).figure
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        assert box.x0 >= -0.02
        assert box.x1 <= figure.get_figwidth() + 0.02
        assert box.y1 <= figure.get_figheight() + 0.02
        assert "Åsene" in figure.get_supxlabel() or "asene" in figure.get_supxlabel()
