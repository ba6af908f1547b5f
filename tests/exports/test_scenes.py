"""Maps of every kind of result: what they say, what they leave out, and how they look."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from pydantic import ValidationError
from pypdf import PdfReader

import gridplan as gp
from gridplan.base.errors import StudyError
from gridplan.base.messages import LANGUAGES, messages
from gridplan.exports.classes import capacity_classes, loading_classes, value_classes
from gridplan.exports.composition import composed
from gridplan.exports.layout import Box, page_of
from gridplan.exports.loading import base_loading
from gridplan.exports.maps import A4, A4_PORTRAIT, SLIDE, _scene, capacity_map
from gridplan.exports.placing import text_extent
from gridplan.study.settings import MapClasses, Settings
from tests.exports.conftest import DAY
from tests.exports.test_messages import assert_fits

BASELINE = Path(__file__).parent / "baseline"
TOLERANCE = 0.01  # root mean square difference of the pixels, black to white being 1
KINDS = ("capacity", "base_case", "certificate", "values", "ranking", "stages", "plan")


@pytest.fixture(scope="module")
def results(result, reinforced, certificate):
    """One result of every kind, with the study that it needs."""
    table = reinforced.study.reinforcements
    start = gp.at_stage(replace(result.study, reinforcements=table), 2025)
    return {
        "plan": (result, None),
        "capacity": (
            gp.hosting_capacity(result.study, criterion=["N-1", "N-0"], flexibility=[0.0, 0.05]),
            result.study,
        ),
        "base_case": (gp.base_case(result.study), None),
        "certificate": (certificate, result.study),
        "values": (gp.marginal_values(result), None),
        "ranking": (gp.rank_reinforcements(start, pairs=False), start),
        "stages": (gp.stages(start), start),
    }


def svg(results, kind, tmp_path, **options):
    found, study = results[kind]
    path = capacity_map(found, tmp_path / "m.svg", study=study, date=DAY, **options)
    return path.read_text(encoding="utf-8")


def scene_of(results, kind, language="en", **options):
    found, study = results[kind]
    return _scene(kind, found, gp_study(found, study), messages(language), options)


def gp_study(found, study):
    if study is not None:
        return study
    return found.study if hasattr(found, "study") else found.plan.study


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_drawn_with_its_origin(results, tmp_path, kind, language):
    text = svg(results, kind, tmp_path, language=language)
    told = {
        "en": ("17 May 2026", "Sources: © Kartverket", "study asene"),
        "nb": ("17. mai 2026", "Kilder: © Kartverket", "studie asene"),
    }[language]
    for words in ("Åsene", *told, messages(language)("note_synthetic")):
        assert words in text, words


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_fit_their_box(results, kind, language):
    assert_fits(scene_of(results, kind, language).key)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("capacity", ("room for more load, firm", "N-1 in every hour (2 hours)",
                      "figures do not add up", "Least room", "limited by")),
        ("base_case", ("base case", "Most loaded branches")),
        ("certificate", ("secure in every hour and after every outage", "certificate: secure",
                         "Supplied without N-1")),
        ("values", ("where one MW is worth most", "1,000 NOK per MW and year")),
        ("ranking", ("which reinforcement frees most", "Each alone", "Fjordkryssing")),
        ("stages", ("0 of 4 reinforcements in service", "Not in service", "licensed")),
    ],
)  # fmt: skip
def test_what_a_map_says(results, tmp_path, kind, words):
    text = svg(results, kind, tmp_path)
    for expected in words:
        assert expected in text, expected


def test_the_map_of_stages_says_the_year_of_its_table(results):
    """The study may stand on another grid than the one that the table tells of."""
    _, start = results["stages"]
    table = gp.stages(start, 2040)
    scene = _scene("stages", table, start, messages("en"), {})
    count = int(table["in_service"].sum())
    assert count > 0
    assert f"2040: {count} of 4 reinforcements in service" in scene.title
    assert scene.subtitle.startswith(f"Grid of 2040: {count} reinforcements in service")


def test_figures_at_the_stations_are_those_of_the_result(results):
    cap, _ = results["capacity"]
    for flexibility in (0.0, 0.05):
        scene = scene_of(results, "capacity", flexibility=flexibility)
        told = cap.capacity_mw.sel(criterion="N-1", flexibility=flexibility)
        for row in scene.features.marks.itertuples():
            assert row.value == told.sel(bus=row.Index).item()
        both = [f"{told.sel(bus=bus).item():,.0f}" for bus in ("A 66", "A")]
        assert scene.features.stations.loc["Ås A", "label"] == " | ".join(both)


def test_another_criterion_is_told(results, tmp_path):
    text = svg(results, "capacity", tmp_path, criterion="N-0", flexibility=0.05)
    assert "N-0 in every hour" in text
    assert "with up to 5 % curtailed" in text


def test_one_voltage_leaves_the_others_without_figure(results, tmp_path):
    marks = scene_of(results, "capacity", kv=66.0).features.marks
    assert marks["value"].notna().sum() == 1
    assert marks.loc["A 66", "shape"] == "circle"
    assert set(marks["shape"].drop("A 66")) == {"dot"}
    assert "buses of 66 kV" in svg(results, "capacity", tmp_path, kv=66.0)


def test_marks_of_a_station_stand_side_by_side(results):
    features = scene_of(results, "capacity").features
    low, high = features.marks.loc["A 66"], features.marks.loc["A"]
    assert high["shift"] - low["shift"] > 2 * features.mark_mm[0]
    assert low["shift"] == -high["shift"]
    assert (low["shape"], high["shape"]) == ("circle", "square")


@pytest.mark.parametrize("kind", ["capacity", "values", "ranking"])
@pytest.mark.parametrize("size", [A4, A4_PORTRAIT, SLIDE])
def test_no_name_or_figure_covers_another(results, kind, size):
    scene, page = scene_of(results, kind), page_of(size)
    sheet = composed(scene, page, DAY)
    known = {*scene.features.stations["label"], *scene.features.stations.index} - {""}
    boxes = []
    for artist in sheet.axes.texts:
        text, (x, y) = artist.get_text(), artist.get_position()
        inside = page.map.holds(np.array([x, y]))[0]
        if artist.get_path_effects() or text not in known or not inside:
            continue
        width, height = text_extent(text, artist.get_fontsize(), artist.get_fontweight())
        boxes.append(Box(x - width / 2, y - height / 2, width, height))
    assert len(boxes) >= 3
    assert not any(a.meets(b) for a, b in itertools.combinations(boxes, 2))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [A4, A4_PORTRAIT, SLIDE])
def test_nothing_leaves_the_sheet(results, kind, size):
    page = page_of(size)
    sheet = composed(scene_of(results, kind, "nb"), page, DAY)
    for artist in sheet.axes.texts:
        x, _ = artist.get_position()
        width = text_extent(artist.get_text(), artist.get_fontsize(), artist.get_fontweight())[0]
        left = {"left": 0.0, "center": 0.5, "right": 1.0}[artist.get_ha()]
        assert x - left * width > 3, artist.get_text()
        assert x + (1 - left) * width < page.width - 3, artist.get_text()


def test_the_key_states_the_limits_of_the_settings(results, tmp_path):
    cap, study = results["capacity"]
    own = MapClasses(capacity_mw=(3, 17.5, 41), loading_pu=(0.5, 0.7, 0.9))
    changed = replace(study, settings=study.settings.model_copy(update={"map_classes": own}))
    assert changed.hash == study.hash  # how it looks is no input
    text = svg({"capacity": (cap, changed)}, "capacity", tmp_path)
    for words in ("3", "17.5", "41", "&lt;3 MW", "3–17.5 MW", "17.5–41 MW", "≥41 MW"):
        assert f"<!-- {words} -->" in text, words
    certificate, _ = results["certificate"]
    text = svg({"certificate": (certificate, changed)}, "certificate", tmp_path)
    for words in ("50", "70", "90", "100", "&lt;50 %", "70–90 %"):
        assert f"<!-- {words} -->" in text, words


@pytest.mark.parametrize(
    "given",
    [{"capacity_mw": (5, 5)}, {"capacity_mw": (10, 5)}, {"capacity_mw": (0, 5)},
     {"value_nok_per_mw": ()}, {"loading_pu": (0.5, 0.7, 1.0)}],
)  # fmt: skip
def test_limits_that_do_not_rise_are_refused(given):
    with pytest.raises(ValidationError):
        MapClasses(**given)


def test_classes_grow_darker():
    settings = Settings()
    for classes in (capacity_classes(settings, "load"), capacity_classes(settings, "generation"),
                    value_classes(settings)):  # fmt: skip
        light = [
            sum(weight * int(colour[at : at + 2], 16)
                for at, weight in ((1, 0.3), (3, 0.59), (5, 0.11)))
            for colour in classes.colours
        ]  # fmt: skip
        assert light == sorted(light, reverse=True)
        assert len(set(classes.colours)) == len(classes.limits) + 1
    assert capacity_classes(settings, "load").position(25.0 - 1e-9) == 3  # the solver's noise
    assert loading_classes(settings).position(1.0 + 1e-4) == 3


def test_the_loading_of_the_base_case_is_that_of_its_flows(results):
    base, _ = results["base_case"]
    found, flow = base_loading(base), np.abs(base.dispatch.flow_mw).max(axis=0)
    rating = base.case.grid.topology.branches["s_nom"].to_numpy()
    assert (found["loading_pu"] >= flow / rating - 1e-9).all()
    only = ~found["after_outage"]
    assert found.loc[only, "loading_pu"].to_numpy() == pytest.approx((flow / rating)[only])
    assert found["after_outage"].any()
    assert found["snapshot"].isin(base.case.hours).all()


def test_a_failed_certificate_is_told_in_the_title(results, tmp_path):
    certificate, study = results["certificate"]
    violations = pd.DataFrame(
        [["CD", "AB", certificate.worst["snapshot"].iloc[0], 90.0, 60.0, 30.0]],
        columns=["branch", "outage", "snapshot", "flow_mw", "limit_mw", "over_mw"],
    )
    failed = replace(certificate, secure=False, violation_count=7, violations=violations)
    text = svg({"certificate": (failed, study)}, "certificate", tmp_path)
    assert "NOT SECURE, 7 violations" in text
    assert "secure in every hour" not in text
    assert "Violations: the largest of each branch" in text


def test_reinforcements_stand_where_they_would_be_built(results):
    scene = scene_of(results, "ranking")
    ranking, _ = results["ranking"]
    badges, buses = scene.features.badges, scene.geography.buses
    assert list(badges.index) == list(ranking.index)
    assert list(badges["number"]) == list(range(1, len(ranking) + 1))
    middle = buses.loc[["B", "D"], ["x", "y"]].to_numpy(float).mean(axis=0)
    assert badges.loc["Fjordkryssing", ["x", "y"]].to_numpy(float) == pytest.approx(middle)
    at = buses.loc["A", ["x", "y"]].to_numpy(float)
    assert badges.loc["Ny transformator", ["x", "y"]].to_numpy(float) == pytest.approx(at)


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        (
            "capacity",
            {"criterion": "N-2"},
            "no capacity under criterion 'N-2'; there are: N-1, N-0",
        ),
        ("capacity", {"flexibility": 0.1}, "no capacity at flexibility 0.1; there are: 0, 0.05"),
        ("capacity", {"kv": 300}, "no bus of 300 kV; there are: 66, 132"),
        ("values", {"values": "other"}, "no values 'other'; there are: divisible, fixed"),
        ("plan", {"flexibility": 0.1}, "a map of a plan has no option flexibility"),
        ("base_case", {"kv": 66}, "a map of a base case has no option kv; it takes none"),
    ],
)
def test_what_cannot_be_shown_is_refused(results, tmp_path, kind, options, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        svg(results, kind, tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_a_certificate_needs_its_study(certificate, tmp_path):
    with pytest.raises(StudyError, match="does not carry its study"):
        capacity_map(certificate, tmp_path / "m.png")


def test_layers_for_a_gis_come_from_the_same_call(results, tmp_path):
    cap, study = results["capacity"]
    path = capacity_map(cap, tmp_path / "m.geojson", study=study, flexibility=0.05)
    assert "Ås A" in path.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"m\.geojson: .* no option kv"):
        capacity_map(cap, tmp_path / "m.geojson", study=study, kv=66)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_result_gives_the_same_bytes(results, tmp_path, kind):
    found, study = results[kind]
    files = [tmp_path / f"{name}.png" for name in "ab"]
    for path in files:
        capacity_map(found, path, study=study, date=DAY, dpi=40)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_pdf_holds_norwegian_letters_as_text(results, tmp_path):
    found, study = results["capacity"]
    path = capacity_map(found, tmp_path / "m.pdf", study=study, language="nb", date=DAY)
    text = PdfReader(path).pages[0].extract_text()
    for words in ("Åsene", "Østås", "én samleskinne", "spenning først", "når denne faller ut"):
        assert words in text, words


def test_the_old_file_stays_in_a_folder_that_takes_none(results, tmp_path, monkeypatch):
    found, study = results["capacity"]
    path = tmp_path / "m.png"
    path.write_bytes(b"old")

    def refused(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr("tempfile.mkdtemp", refused)
    monkeypatch.setattr("tempfile.mkstemp", refused)
    with pytest.raises(PermissionError):
        capacity_map(found, path, study=study)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("kind", "language", "size"),
    [("capacity", "nb", A4), ("certificate", "en", A4_PORTRAIT), ("ranking", "nb", SLIDE)],
)
def test_it_looks_as_it_did(results, tmp_path, kind, language, size):
    """Against small pictures kept with the tests, by the root mean square of all pixels.

    Where a map is meant to look different: look at the new picture, then copy it to the baseline.
    """
    found, study = results[kind]
    options = {"study": study, "language": language, "size": size, "date": DAY, "dpi": 45}
    path = capacity_map(found, tmp_path / f"{kind}.png", **options)
    kept = BASELINE / path.name
    assert difference(path, kept) < TOLERANCE, path
    other = "en" if language == "nb" else "nb"
    path = capacity_map(found, tmp_path / f"{other}.png", **options | {"language": other})
    assert difference(path, kept) > TOLERANCE  # so that a few words already count


def difference(first, second):
    pixels = imread(first)[..., :3] - imread(second)[..., :3]
    return np.sqrt((pixels**2).mean())
