"""Charts of explanations and offers: on the axes given, in both languages, and true."""

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import LANGUAGES
from gridplan.exports import style
from gridplan.exports.day_axes import UNKNOWN
from gridplan.exports.saving import save_figure
from gridplan.reasons.explain import Explanation
from gridplan.reasons.offers import COLUMNS, Offers
from tests.exports.test_charts import words

YEAR = 8760
NAME = "Øya smelteverk $_1$"


def explained(pairs, missing_mw, start="2030-01-01", mw=20.0) -> Explanation:
    """What gp.explain would give: a limit and the MW missing in every hour."""
    hours = pd.date_range(start, periods=len(missing_mw), freq="h")
    table = pd.DataFrame(pairs, hours, ["branch", "outage"]).astype("str")
    missing = np.asarray(missing_mw, dtype=float)
    hourly = table.assign(demand_mw=mw, missing_mw=missing, fits_mw=mw - missing)
    counts = table[missing > 0].value_counts().rename("hours").reset_index()
    return Explanation(NAME, "rejected", pd.Series({"mw": mw}), hourly, counts, False, (), None,
                       None, 0.0)  # fmt: skip


def year() -> Explanation:
    """200 hours of one limit from the first of March, 5 to 15 MW, and three of another."""
    pairs, missing = [["", ""]] * YEAR, np.zeros(YEAR)
    first = 59 * 24
    pairs[first : first + 200], missing[first : first + 200] = [["AB", "AC"]] * 200, 15.0
    pairs[:3], missing[:3] = [["CD", ""]] * 3, 5.0
    return explained(pairs, missing)


def offered(curtailed=(10, 4, 0, 0, 0), **cells) -> Offers:
    curtailed = np.resize(np.append(curtailed, np.zeros(YEAR)), YEAR)
    table = pd.DataFrame({NAME: curtailed}, pd.date_range("2030", periods=YEAR, freq="h"))
    row = dict.fromkeys(COLUMNS, 0.0) | {"mw": 40.0, "bus": "C", "months": "1", "trip_outages": ""}
    row |= {"agreed_percent": 2.5, "agreed_hours": 300.0, "agreed_longest_h": 12.0}
    row |= {"curtailed_percent": 0.004, "hours": (curtailed > 0).sum(), "longest_h": 2.0}
    row |= {"largest_mw": curtailed.max()} | cells
    ranked = pd.DataFrame({NAME: -np.sort(-curtailed)}, pd.RangeIndex(1, YEAR + 1))
    return Offers(pd.DataFrame.from_dict({NAME: row}, orient="index"), table, ranked)


DRAWN = {
    "critical hours": lambda ax=None, **kw: gp.critical_hours_plot(year(), ax, **kw),
    "curtailment": lambda ax=None, **kw: gp.curtailment_plot(offered(), NAME, ax, **kw),
}
every_chart = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN.keys())


@every_chart
def test_it_draws_on_the_axes_given_and_leaves_pyplot_alone(draw):
    before = dict(mpl.rcParams)
    first, second = Figure().subplots(1, 2)
    assert draw(second) is second
    assert second.has_data()
    assert not first.has_data()
    assert draw().figure is not second.figure
    assert dict(mpl.rcParams) == before
    assert pytest.importorskip("matplotlib.pyplot").get_fignums() == []


@every_chart
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_same_data_same_bytes_whatever_the_readers_settings(draw, suffix, tmp_path):
    files = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path, own in zip(files, ({}, {"font.size": 30, "axes.grid": True}), strict=True):
        with mpl.rc_context(own):
            ax = draw()
        with matplotlib.style.context(["default", style.RC]):
            save_figure(ax.figure, path, title="chart", dpi=60)
    assert files[0].read_bytes() == files[1].read_bytes()


@every_chart
def test_languages_differ_and_an_unknown_one_is_refused(draw):
    english, norwegian = (set(words(draw(language=language))) for language in LANGUAGES)
    assert len(english - norwegian) >= 5
    assert set(words(draw())) == norwegian
    with pytest.raises(ValueError, match="no texts in language 'sv'"):
        draw(language="sv")


@every_chart
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_runs_out_of_the_figure(draw, language):
    figure = draw(language=language).figure
    figure.draw_without_rendering()
    box, page = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0) >= -0.01
    assert (box.x1, box.y1) <= tuple(page + 0.01)


def test_critical_hours_in_words():
    texts = words(DRAWN["critical hours"]())
    assert {
        f"{NAME}: timer der nettet ikke har plass",
        "203 av 8\xa0760 timer · inntil 15 av 20 MW mangler · 1,7 % av energien",
        "AB når AC faller ut, 200 timer",
        "CD uten feil i nettet, 3 timer",
        "MW som ikke får plass",
        "Time på døgnet (UTC)",
        "jan",
        "okt",
        "des",
    } <= set(texts)
    english = words(DRAWN["critical hours"](language="en"))
    assert {"AB after outage of AC, 200 hours", "Oct"} <= set(english)


def test_every_hour_stands_in_its_day_in_the_colour_of_its_limit():
    (image,) = DRAWN["critical hours"]().images
    cells = np.asarray(image.get_array())
    assert cells.shape == (24, 365, 3)
    np.testing.assert_allclose(cells[:, 59:67], np.broadcast_to(to_rgb(style.SHARE), (24, 8, 3)))
    assert (cells[:8, 67] == cells[0, 59]).all()
    assert (cells[8:, 67] == 1).all()
    tone = 0.3 + 0.7 * 5 / 15  # a third of the largest shortage
    np.testing.assert_allclose(cells[:3, 0], [1 - tone * (1 - np.array(to_rgb(style.HOURS)))] * 3)
    assert (cells != 1).any(axis=2).sum() == 203


def test_hours_outside_the_study_are_no_hours_with_room():
    """From 22 h to 1 h: two cells of the first day, two of the second."""
    found = explained([["AB", ""]] * 4, [1, 0, 0, 2], start="2030-05-17 22:00")
    ax = gp.critical_hours_plot(found, language="en")
    cells = np.asarray(ax.images[0].get_array())
    assert cells.shape == (24, 2, 3)
    known = (cells != to_rgb(UNKNOWN)).any(axis=2)
    assert sorted(map(tuple, np.argwhere(known).tolist())) == [(0, 1), (1, 1), (22, 0), (23, 0)]
    assert {"17 May", "18 May", "AB without outage, 2 hours"} <= set(words(ax))


def test_more_limits_than_colours_share_one():
    pairs = [["A", ""]] * 5 + [["B", ""]] * 4 + [["C", ""]] * 3 + [["D", ""]] * 2 + [["", ""]]
    texts = words(gp.critical_hours_plot(explained(pairs, [1.0] * 15)))
    assert "2 andre begrensninger, 3 timer" in texts
    alone = words(gp.critical_hours_plot(explained([["", ""]], [1.0])))
    assert "Kraftkildene i området, 1 time" in alone


def test_where_all_fits_there_is_no_key():
    ax = gp.critical_hours_plot(explained([["", ""]] * 48, [0.0] * 48))
    assert "Nettet har plass i alle timer." in words(ax)
    assert ax.get_legend() is None


def test_a_plan_s_own_explanation_and_offers(result):
    why = gp.explain(result, "Datasenter $x_1$ <b>", remedies=False)
    texts = words(gp.critical_hours_plot(why))
    assert f"{why.project}: timer der nettet ikke har plass" in texts
    with pytest.raises(StudyError, match="not connected conditionally"):
        gp.curtailment_plot(gp.offers(result), "Ferge")


def test_curtailment_in_words():
    texts = set(words(DRAWN["curtailment"]()))
    assert {
        f"{NAME}: timer med begrensning, den største først",
        "40 MW · i planen 0,00 % av energien, 2 timer, lengst 2 på rad, størst 10 MW",
        "Avtalt: høyst 300 timer i året",
        "Avtalt: høyst 2,5 % av årsenergien",
        "Avtalt: høyst 12 timer på rad",
        "Timer i året",
    } <= texts
    free = gp.curtailment_plot(
        offered(agreed_hours=np.nan, agreed_longest_h=np.nan), NAME, language="en"
    )
    assert [text for text in words(free) if text.startswith("Agreed")] == [
        "Agreed: at most 2.5 % of the yearly energy"
    ]


def test_the_curve_is_the_table_and_the_limit_stands_at_its_hours():
    ax = DRAWN["curtailment"]()
    drawn, _, _ = ax.patches[-1].get_data()
    assert drawn.tolist() == [10, 4]
    assert ax.lines[0].get_xdata() == [300, 300]
    assert ax.get_xlim()[1] > 300


def test_nothing_curtailed_is_said():
    none = offered([0.0], largest_mw=0.0)
    assert "Ingen begrensning uten feil i nettet" in words(gp.curtailment_plot(none, NAME))
