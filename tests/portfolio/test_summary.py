"""The summary of a plan is a Series, and a table in a notebook."""

import pickle

import pandas as pd
import pytest

import gridplan as gp
from tests.networks_by_hand import plain_study, triangle


@pytest.fixture(scope="module")
def plan():
    offered = {
        "Kai <script>": {"bus": "C", "mw": 10.0, "value_mnok_per_yr": 2.0, "jobs": 1234.0},
        "Mølle": {"bus": "C", "mw": 400.0, "value_mnok_per_yr": 2.0},
    }
    return gp.plan(plain_study(triangle(), offered, title="Øya & <b>"))


def test_it_is_a_series_and_what_comes_of_it_is_a_plain_one(plan):
    summary = plan.summary()
    assert isinstance(summary, pd.Series)
    assert (summary["projects"], summary["candidates"], summary["mw"]) == (1, 2, 10.0)
    assert type(summary * 2) is pd.Series
    assert pd.DataFrame({"a": summary, "b": summary}).loc["jobs"].tolist() == [1234.0, 1234.0]
    again = pickle.loads(pickle.dumps(summary))
    assert again.equals(summary)
    assert again._repr_html_() == summary._repr_html_()


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ["1 of 2", "1,234", "Projects that fit"]), ("nb", ["1 av 2", "1\xa0234", "Tiltak"])],
)
def test_a_notebook_shows_figures_with_their_units(plan, language, said):
    shown = plan.summary(language=language)._repr_html_()
    for text in said:
        assert text in shown
    assert "<b>" not in shown
    assert "Øya &amp; &lt;b&gt;" in shown
    assert shown.count("<tr>") == 15


def test_a_plan_shows_its_summary(plan):
    assert plan._repr_html_() == plan.summary()._repr_html_()


def test_an_unknown_language_is_refused(plan):
    with pytest.raises(ValueError, match="no texts in language 'sv'"):
        plan.summary(language="sv")
