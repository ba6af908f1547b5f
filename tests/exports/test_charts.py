"""Charts: on the axes given, in both languages, the same every time, and saying what is so."""

import re

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import LANGUAGES
from gridplan.exports import style
from gridplan.exports.saving import save_figure
from tests.hosting.test_curve import capacity

YEAR = 8760
BUS = "Åfjord"


def cap(hours: int = YEAR, **attrs):
    """Capacity that falls evenly from 200 to 100 MW."""
    return capacity(np.linspace(200.0, 100.0, hours), **attrs)


def ledger(**columns) -> pd.DataFrame:
    rows = {"used_mw": [30.0, 10.0, 20.0], "reserved_mw": [5.0, 0.0, 0.0],
            "queued_mw": [10.0, 40.0, 0.0], "free_mw": [25.0, 15.0, 0.0]}  # fmt: skip
    return pd.DataFrame(rows | columns, index=["Ørland 66", "Hemne $_1$", "Røros 66"])


DRAWN = {
    "flexibility": lambda ax=None, **kw: gp.flexibility_plot(
        gp.flexibility_curve(cap(), BUS), ax, **kw
    ),
    "duration": lambda ax=None, **kw: gp.capacity_duration_plot(cap(), BUS, ax, **kw),
    "use": lambda ax=None, **kw: gp.capacity_use_plot(ledger(), ax, **kw),
}
every_chart = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN.keys())


def words(ax) -> list[str]:
    """All that stands in the figure, as it would be drawn."""
    ax.figure.draw_without_rendering()
    found = ax.figure.findobj(Text)
    return [text.get_text() for text in found if text.get_visible() and text.get_text()]


@every_chart
def test_it_draws_on_the_axes_given_and_leaves_pyplot_alone(draw):
    before = dict(mpl.rcParams)
    first, second = Figure().subplots(1, 2)
    assert draw(second) is second
    assert second.has_data()
    assert not first.has_data()
    assert draw().figure is not second.figure
    assert dict(mpl.rcParams) == before
    pyplot = pytest.importorskip("matplotlib.pyplot")
    assert pyplot.get_fignums() == []


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
    if suffix == ".png":
        assert len({tuple(pixel) for row in imread(files[0])[::3, ::3] for pixel in row}) > 20


@every_chart
def test_languages_differ_and_an_unknown_one_is_refused(draw):
    english, norwegian = (set(words(draw(language=language))) for language in LANGUAGES)
    assert len(english - norwegian) >= 5
    with pytest.raises(ValueError, match="no texts in language 'sv'"):
        draw(language="sv")


def test_flexibility_in_words():
    """Even fall from 200 to 100: P loses (P − 100)² / 2 · 87.6 of 8760 P, 1 % from 115.2 MW up."""
    texts = words(DRAWN["flexibility"]())
    assert "Åfjord: curtailment by size of the connection (N-1)" in texts
    assert {"Firm: 100 MW", "Size of the connection (MW)", "Hours a year with curtailment",
            "Curtailed share of the yearly energy (%)"} <= set(texts)  # fmt: skip
    one, five = (next(text for text in texts if text.startswith(f"{n} %")) for n in (1, 5))
    assert re.fullmatch(r"1 % curtailed: 115 MW, 1,3\d\d hours", one)
    assert re.fullmatch(r"5 % curtailed: 137 MW, 3,2\d\d hours", five)
    norwegian = words(DRAWN["flexibility"](language="nb"))
    assert "Uten vilkår: 100 MW" in norwegian
    assert any(re.fullmatch(r"1 % utkoblet: 115 MW, 1.3\d\d timer", text) for text in norwegian)


def test_the_lines_are_the_table():
    curve = gp.flexibility_curve(cap(), BUS)
    ax = gp.flexibility_plot(curve.iloc[::-1])
    right = next(each for each in ax.figure.axes if each is not ax)
    np.testing.assert_allclose(
        ax.lines[0].get_xydata(), np.column_stack([curve.index, 100 * curve["curtailed_share"]])
    )
    np.testing.assert_allclose(right.lines[0].get_ydata(), curve["hours"])


def test_marks_are_exact_whatever_the_sizes_and_left_out_beyond_them():
    curve = gp.flexibility_curve(cap(), BUS, sizes_mw=[90.0, 120.0])
    texts = words(gp.flexibility_plot(curve))
    assert any(text.startswith("1 % curtailed: 115 MW") for text in texts)
    assert not any(text.startswith("5 %") for text in texts)


def test_chosen_hours_are_not_called_a_year():
    texts = words(gp.flexibility_plot(gp.flexibility_curve(cap(1200), BUS)))
    assert "Curtailed share of the energy (%), 1,200 hours studied" in texts
    assert "Hours with curtailment, of 1,200 studied" in texts
    assert "Hours, of 1,200 studied" in words(gp.capacity_duration_plot(cap(1200), BUS))
    assert not any("year" in text for text in texts)


@pytest.mark.parametrize("hourly", [[0.0] * 30, [0.0] * 10 + [30.0] * 20, [7.0]])
def test_buses_with_little_or_nothing_still_get_a_chart(hourly):
    given = capacity(hourly)
    curve = gp.flexibility_plot(gp.flexibility_curve(given, BUS))
    for ax in (curve, gp.capacity_duration_plot(given, BUS)):
        assert ("No capacity in any hour" in words(ax)) is (max(hourly) == 0)


def test_one_hour_is_one_hour():
    """Of four hours only that of 5 MW falls short of 5.2 MW, the capacity at 1 %."""
    curve = gp.flexibility_curve(capacity([5.0, 9.0, 9.0, 9.0]), BUS)
    assert "1 % curtailed: 5.2 MW, 1 hour" in words(gp.flexibility_plot(curve))
    assert "1 % utkoblet: 5,2 MW, 1 time" in words(gp.flexibility_plot(curve, language="nb"))


def test_no_other_table_is_taken_for_a_curve():
    curve = gp.flexibility_curve(cap(), BUS)
    bare = pd.DataFrame(curve.to_dict())
    for table in (ledger(), bare):
        with pytest.raises(ValueError, match=r"no table of gridplan\.flexibility_curve"):
            gp.flexibility_plot(table)


def test_duration_in_words():
    texts = words(DRAWN["duration"]())
    assert {"Åfjord: capacity hour by hour, highest first (N-1)", "Room for more load (MW)",
            "Hours of the year", "Firm: 100 MW", "1 % curtailed: 115 MW", "5 % curtailed: 137 MW",
            "Energy curtailed at 137 MW", "8,760"} <= set(texts)  # fmt: skip
    norwegian = words(DRAWN["duration"](language="nb"))
    assert {"Plass til mer forbruk (MW)", "Åfjord: kapasitet time for time, høyeste først (N-1)",
            "8\xa0760"} <= set(norwegian)  # fmt: skip
    other = gp.capacity_duration_plot(cap(direction="generation"), BUS)
    assert "Room for more generation (MW)" in words(other)


def test_the_key_covers_neither_curve_nor_levels():
    """Where capacity hardly falls there is no free corner: the scale makes one."""
    for hourly in (np.full(YEAR, 100.0), np.linspace(101, 100, 24), np.geomspace(500, 1, YEAR)):
        ax = gp.capacity_duration_plot(capacity(hourly), BUS)
        ax.figure.draw_without_rendering()
        box = ax.get_legend().get_window_extent().transformed(ax.transData.inverted())
        falling = np.sort(hourly)[::-1]
        assert falling[int(np.clip(box.x0, 0, len(falling) - 1))] < box.y0
        assert all(line.get_ydata()[0] < box.y0 for line in ax.lines)


def test_a_wrong_bus_is_told():
    with pytest.raises(StudyError, match="Did you mean 'Åfjord'"):
        gp.capacity_duration_plot(cap(), "Åfjor")


def bars(ax) -> dict[str, list[tuple[float, float]]]:
    """Start and length (MW) by part."""
    return {
        part.get_label(): [(bar.get_x(), bar.get_width()) for bar in part] for part in ax.containers
    }


def test_the_queue_fills_the_free_room_and_what_does_not_fit_stands_beyond():
    ax = gp.capacity_use_plot(ledger())
    shown = bars(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "Hemne $_1$", "Ørland 66", "Røros 66"
    ]  # fmt: skip
    assert shown["Free"] == [(10, 15), (35, 25), (20, 0)]
    assert shown["In the queue, fits"] == [(10, 15), (35, 10), (20, 0)]
    assert shown["In the queue, does not fit"] == [(25, 25), (60, 0), (20, 0)]
    assert ax.get_xlim()[1] > 60
    left = [text for text in ax.texts if text.get_text() in {"−25", "15", "0"}]
    assert [text.get_text() for text in left] == ["−25", "15", "0"]
    assert [to_hex(text.get_color()) == style.BEYOND for text in left] == [True, False, False]


def test_only_the_buses_with_most_demand_are_shown():
    texts = words(gp.capacity_use_plot(ledger(), top=2, language="nb"))
    assert "Kapasitet per stasjon: de 2 med størst behov, av 3" in texts
    assert "Røros 66" not in texts
    assert "Ledig etter\nkøen, MW" in texts
    with pytest.raises(ValueError, match="at least 1"):
        gp.capacity_use_plot(ledger(), top=0)


def test_everything_wrong_with_a_ledger_is_told_at_once():
    wrong = ledger(used_mw=[1.0, -2.0, np.nan], queued_mw=[1.0, 2.0, "many"])
    with pytest.raises(StudyError) as caught:
        gp.capacity_use_plot(wrong.drop(columns="free_mw"))
    found = [(each.row, each.column, each.value) for each in caught.value.problems]
    assert found == [
        ("ledger", "free_mw", ""),
        ("Hemne $_1$", "used_mw", "-2.0"),
        ("Røros 66", "used_mw", "nan"),
        ("Røros 66", "queued_mw", "many"),
    ]
    with pytest.raises(StudyError, match="stands twice"):
        gp.capacity_use_plot(pd.concat([ledger(), ledger()]))
    with pytest.raises(StudyError, match="no bus"):
        gp.capacity_use_plot(ledger().iloc[:0])
