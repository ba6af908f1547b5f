"""The interactive map as a file: what it takes, what it refuses, what stands in it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import messages
from gridplan.check.witness import certify
from gridplan.exports import page
from gridplan.exports.page import write_page
from gridplan.exports.page_asked import asked_of
from gridplan.exports.page_capacity import MOST_NUMBERS, MOST_POINTS, points_of
from gridplan.exports.page_looks import classes
from gridplan.grid.stages import at_stage
from gridplan.hosting.capacity import hosting_capacity
from gridplan.hosting.figures import LIMITS
from gridplan.study.settings import CountyGoal, MapClasses
from tests.exports.conftest import DAY, placed_network


@pytest.fixture(scope="module")
def capacity(reinforced):
    return hosting_capacity(reinforced.study, hourly=True)


def data_of(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_same_input_gives_the_same_bytes(capacity, reinforced, tmp_path):
    first, second = (
        write_page(capacity, tmp_path / name, study=reinforced.study, date=DAY)
        for name in ("a.html", "b.html")
    )
    assert first.read_bytes() == second.read_bytes()


def test_data_of_the_page_is_that_of_the_result(capacity, reinforced, tmp_path):
    told = data_of(write_page(capacity, tmp_path / "a.html", study=reinforced.study))
    one = told["capacity"]["2030"]
    assert one["bus"] == list(capacity.indexes["bus"])
    figures = one["criteria"]["N-1"]
    assert np.allclose(figures["mw"], capacity.capacity_mw.sel(criterion="N-1"), atol=1e-3)
    reasons = [[told["names"][at] for at in row] for row in figures["by"]]
    assert reasons == capacity.limited_by.sel(criterion="N-1").to_numpy().tolist()
    assert one["ranks"] == [1, 2]
    for curve, hourly in zip(figures["duration"], capacity.hourly_mw[0].to_numpy(), strict=True):
        assert curve == pytest.approx(sorted(hourly, reverse=True), rel=1e-3)


def test_file_asks_for_nothing(capacity, reinforced, tmp_path):
    text = write_page(capacity, tmp_path / "a.html", study=reinforced.study).read_text("utf-8")
    assert not re.search(
        r"<(link|img|iframe|object|embed)\b|<script[^>]+src|@import|url\(", text[:20000]
    )
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src &#39;none&#39;")
    assert "unsafe-eval" not in policy
    assert text.count("<script") - text.count("<script>") <= 3


def test_several_years_and_a_plan_share_a_page(capacity, reinforced, tmp_path):
    earlier = hosting_capacity(at_stage(unbuilt(reinforced), 2025), hourly=True)
    certificate = certify(reinforced, samples=1)
    path = tmp_path / "a.html"
    write_page({2025: earlier, 2030: capacity}, path, plan=reinforced,
               study=unbuilt(reinforced), certificate=certificate)  # fmt: skip
    told = data_of(path)
    assert told["years"] == [2025, 2030]
    assert list(told["capacity"]) == ["2025", "2030"]
    assert list(told["plans"]) == ["2030"]
    ratings = {branch["name"]: branch["mva"] for branch in told["places"]["branches"]}
    assert ratings["BD"] == {"2030": 80.0}
    assert ratings["EF"] == {"2025": 100.0, "2030": 120.0}
    planned = {branch["name"]: branch["planned"] for branch in told["places"]["branches"]}
    assert planned["BD"] == planned["EF"] == [2030]
    assert planned["CD"] == []
    loading = told["plans"]["2030"]["loading"]
    at = str(told["names"].index("CD"))
    assert loading[at][0] == pytest.approx(certificate.worst.loc["CD", "loading_pu"], abs=1e-4)
    assert told["names"][loading[at][1]] == certificate.worst.loc["CD", "outage"]


def unbuilt(reinforced):
    """The reinforced place before anything was built."""
    return replace(reinforced.study, network=placed_network(), in_service=(), grid_year=None)


def test_capacity_map_writes_pages(capacity, reinforced, tmp_path):
    """One call for every format; a list puts capacity and plan on one page."""
    path = gp.capacity_map([capacity, reinforced], tmp_path / "a.html", study=reinforced.study)
    told = data_of(path)
    assert told["layers"] == ["capacity", "left", "loading", "projects", "municipalities"]
    asked = asked_of({2030: (capacity, reinforced)})
    assert list(asked.capacities) == list(asked.plans) == [2030]


def test_classes_are_those_of_the_settings(reinforced):
    own = reinforced.study.settings.model_copy(
        update={"map_classes": MapClasses(capacity_mw=(5, 20), loading_pu=(0.5, 0.7, 0.9))}
    )
    found = classes(own, "load", messages("nb"))
    assert [each["text"] for each in found["capacity"]] == ["<5 MW", "5–20 MW", "≥20 MW"]
    assert [each["below"] for each in found["left"]] == [-0.05, 5, 20, None]
    assert [each["text"] for each in found["loading"]] == [
        "<50 %", "50–70 %", "70–90 %", "90–100 %", "over 100 %",
    ]  # fmt: skip


def test_projects_tell_what_became_of_them(reinforced, tmp_path):
    told = data_of(write_page(reinforced, tmp_path / "a.html"))["plans"]["2030"]["projects"]
    found = {project["name"]: project for project in told}
    assert set(found) == set(reinforced.by_project.index)
    for name, row in reinforced.by_project.iterrows():
        assert (found[name]["state"] == "chosen") == row["chosen"]
        assert found[name]["mw"] == row["mw"]


def test_goals_stand_beside_the_plan_and_assumptions_one_click_away(reinforced, tmp_path):
    goal = CountyGoal(
        name="Arbeidsplasser", name_en="Jobs", quantity="jobs", baseline=0.0, baseline_year=2020,
        target_year=2030, target=400.0, source="made up",
    )  # fmt: skip
    settings = reinforced.study.settings.model_copy(update={"county_goals": (goal,)})
    plan = replace(reinforced, study=replace(reinforced.study, settings=settings))
    path = write_page(plan, tmp_path / "a.html", language="nb")
    share = 100 * plan.goals()["share_pu"].item()
    assert f"Arbeidsplasser {share:.0f} % av veien" in data_of(path)["goals"]["2030"]
    text = path.read_text(encoding="utf-8")
    assert text.index('href="#assumptions"') < text.index('<section id="assumptions"')
    assumed = text[text.index('<section id="assumptions"') :]
    assert "Kalkulasjonsrente" in assumed
    assert data_of(write_page(reinforced, path))["goals"]["2030"] == ""  # none are set


def test_texts_and_the_page_know_each_other():
    """Keys that the page puts together end in a value: `page_layer_${state.layer}`."""
    folder = Path(page.__file__).parent
    files = [*folder.glob("page*.py"), *(folder / "page_assets").glob("*.*")]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    texts = messages("en").texts
    for key in re.findall(r"""\bt\(\s*"(\w+)"|\bt\.(\w+)|texts\(\s*"(\w+)\"""", source):
        assert "".join(key) in texts
    together = re.findall(r"""["`'](page_\w+_)(?:\$?\{|" ~)""", source)
    for key in texts:
        if key.startswith("page_") and not re.search(rf"\b{key}\b", source):
            assert any(key.startswith(start) for start in together), key


def test_every_reason_has_words():
    for language in ("en", "nb"):
        texts = messages(language)
        for reason in LIMITS:
            assert texts(f"page_limit_{reason.replace(' ', '_')}", mw="10,000")


def test_refuses_what_cannot_stand_on_a_page(capacity, reinforced, result):
    with pytest.raises(TypeError, match="base case"):
        asked_of(reinforced.base)
    with pytest.raises(StudyError, match="study"):
        asked_of(capacity)
    with pytest.raises(ValueError, match="two results of kind plan for the grid of 2030"):
        asked_of(reinforced, plan=reinforced)
    with pytest.raises(ValueError, match="given for 2027 stands on the grid of 2030"):
        asked_of({2027: reinforced})
    other = capacity.isel(flexibility=[0])
    other.attrs["stage"] = "grid of 2030"
    with pytest.raises(ValueError, match="two results of kind capacity"):
        asked_of(capacity, capacity=other, study=reinforced.study)
    with pytest.raises(ValueError, match="without a plan: 2025"):
        asked_of(reinforced, certificate={2025: None})


def test_failed_writing_leaves_the_old_file(capacity, reinforced, tmp_path, monkeypatch):
    path = tmp_path / "a.html"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(page, "_asset", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_page(capacity, path, study=reinforced.study)
    assert [each.name for each in tmp_path.iterdir()] == ["a.html"]
    assert path.read_text("utf-8") == "old"


def test_large_results_store_shorter_curves():
    few = xr.Dataset({"hourly_mw": (("bus", "criterion", "snapshot"), np.zeros((100, 2, 3)))})
    many = xr.Dataset({"hourly_mw": (("bus", "criterion", "snapshot"), np.zeros((2000, 2, 3)))})
    assert points_of({2025: few, 2030: few}) == MOST_POINTS
    assert points_of({2025: many}) * 4000 <= MOST_NUMBERS
    assert points_of({}) == MOST_POINTS


def test_english_and_norwegian_have_the_same_page(capacity, reinforced, tmp_path):
    texts = {}
    for language in ("en", "nb"):
        path = write_page(capacity, tmp_path / f"{language}.html", study=reinforced.study,
                          language=language)  # fmt: skip
        texts[language] = path.read_text(encoding="utf-8")
    assert "Åsene: room for more load in the grid" in texts["en"]
    assert "Åsene: plass til mer forbruk i nettet" in texts["nb"]
    assert '<html lang="nb">' in texts["nb"]
