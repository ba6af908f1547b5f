"""The map as a file: there, complete, the same every time, and never half."""

import dataclasses
import logging
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from gridplan.exports.maps import A4, SLIDE, capacity_map
from gridplan.exports.radial import mw_without_n1, stands_without_n1
from gridplan.portfolio.plan import plan
from gridplan.study.study import Study
from tests.exports.conftest import DAY
from tests.networks_by_hand import projects, two_triangles


def svg_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_png_has_the_size_asked_for_and_something_on_it(result, certificate, tmp_path):
    for size in (A4, SLIDE):
        path = capacity_map(
            result, tmp_path / "map.png", certificate=certificate, size=size, dpi=50
        )
        image = imread(path)
        assert image.shape[:2] == (int(size[1] * 50), int(size[0] * 50))
        assert len({tuple(pixel) for row in image[::5, ::5] for pixel in row}) > 20


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_same_input_same_bytes(result, certificate, tmp_path, suffix):
    files = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in files:
        capacity_map(result, path, certificate=certificate, date=DAY, dpi=60)
    first, second = (path.read_bytes() for path in files)
    assert first == second


def test_english_texts_and_project_names_stand_on_the_map(result, certificate, tmp_path):
    text = svg_text(capacity_map(result, tmp_path / "m.svg", certificate=certificate, date=DAY))
    for words in (
        "Åsene 2030: 3 of 4 projects fit the grid",
        "N-1 in every hour (2 hours × 6 outages) · 53 of 60 MW stand where there is no N-1 "
        "(radial grid) · "
        "2 measures taken · certificate: secure",
        "Smelteverk på Øya",
        "Datasenter $x_1$ &lt;b&gt;",
        "Chosen: 3 · 59.5 MW",
        "Ås F",
        "Østås",
        "NABO",
        "Dashed = synthetic or assumed, not the real grid.",
        "Sources: © Kartverket (CC BY 4.0)",
        "17 May 2026",
        "1 project below 5 MW (2 MW) counts as ordinary growth: always connected.",
    ):
        assert f"<!-- {words}" in text or words in text, words


def test_what_n1_cannot_protect_and_what_was_reserved_is_marked(result, certificate, tmp_path):
    offered = result.projects
    reserved = offered["status"].mask(~offered["chosen"], "reserved")
    drawn = dataclasses.replace(result, projects=offered.assign(status=reserved))
    text = svg_text(capacity_map(drawn, tmp_path / "m.svg", certificate=certificate))
    for words in (
        "† supplied without N-1",
        "R reserved, not chosen",
        "* with the symbioses, as stated",
    ):
        assert words in text, words
    exposed = stands_without_n1(offered, certificate) & offered["chosen"]
    assert text.count("<!-- † -->") == exposed.sum() > 0
    assert text.count("<!-- R -->") == (~offered["chosen"]).sum() > 0
    assert mw_without_n1(offered, certificate) == offered.loc[exposed, "mw"].sum()


def test_without_a_certificate_nothing_is_said_about_radials(result, tmp_path):
    text = svg_text(capacity_map(result, tmp_path / "m.svg"))
    assert "†" not in text
    assert "radial" not in text


def test_a_pdf_brings_its_fonts_and_a_name(result, tmp_path):
    content = capacity_map(result, tmp_path / "m.pdf", date=DAY).read_bytes()
    assert content.count(b"/FontFile2") >= 2
    assert b"/Title" in content
    assert b"/CreationDate" not in content


def test_norwegian_texts(result, certificate, tmp_path):
    path = capacity_map(
        result, tmp_path / "m.svg", certificate=certificate, language="nb", date=DAY
    )
    text = svg_text(path)
    for words in ("3 av 4 prosjekter får plass i nettet", "Høyeste belastning etter utfall",
                  "17. mai 2026", "59,5 MW", "Stiplet = syntetisk"):  # fmt: skip
        assert words in text, words
    assert "Chosen" not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Grid of 2030: 3 reinforcements in service · N-1", "Reinforcements by 2030: 3",
                "planned: new or changed")),
        ("nb", ("Nettet i 2030: 3 forsterkninger i drift · N-1", "Forsterkninger innen 2030: 3",
                "planlagt: ny eller endret")),
    ],
)  # fmt: skip
def test_the_map_says_on_which_grid_the_plan_stands(reinforced, tmp_path, language, words):
    text = svg_text(capacity_map(reinforced, tmp_path / "m.svg", language=language))
    for expected in (*words, "Fjordkryssing", "Tykkere linje", "Ny transformator"):
        assert expected in text, expected
    assert "Idé" not in text
    assert text.count("<!-- 2028 -->") == 1


def test_a_grid_without_reinforcements_says_so_and_needs_no_key(result, reinforced, tmp_path):
    study = dataclasses.replace(result.study, reinforcements=reinforced.study.reinforcements)
    text = svg_text(capacity_map(plan(study, grid_year=2025), tmp_path / "m.svg"))
    assert "Grid of 2025: no reinforcements · N-1" in text
    for words in ("Reinforcements by", "planned: new or changed", "Fjordkryssing"):
        assert words not in text, words


def test_a_failed_certificate_is_not_called_a_fit(result, certificate, tmp_path):
    failed = dataclasses.replace(certificate, secure=False, violation_count=7)
    text = svg_text(capacity_map(result, tmp_path / "m.svg", certificate=failed))
    assert "NOT SECURE, 7 violations" in text
    assert "fit the grid" not in text


def test_a_study_without_outlines_still_gets_a_map(result, tmp_path):
    bare = dataclasses.replace(result, study=dataclasses.replace(result.study, folder=None))
    text = svg_text(capacity_map(bare, tmp_path / "m.svg"))
    assert "no certificate" in text
    assert "Vestås" not in text
    assert "Ås A" in text


def test_a_network_without_coordinates_becomes_a_schematic(tmp_path):
    offered = projects({"new": {"bus": "E", "mw": 10.0, "value_mnok_per_yr": 1.0}})
    drawn = plan(Study(network=two_triangles(), projects=offered))
    text = svg_text(capacity_map(drawn, tmp_path / "m.svg"))
    assert "Schematic: the buses have no coordinates." in text
    assert " km -->" not in text


def test_a_plan_without_candidates_has_a_map_too(tmp_path):
    drawn = plan(Study(network=two_triangles()))
    assert "0 of 0 projects" in svg_text(capacity_map(drawn, tmp_path / "m.svg"))


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("map.jpg", {}, r"map\.jpg: .*suffix '\.jpg'; use \.png, \.svg, \.pdf"),
        ("map", {}, r"no suffix; use \.png"),
        ("map.png", {"language": "nn"}, "no texts in language 'nn'; there are: en, nb"),
        ("map.png", {"size": (4, 3)}, "size 4 x 3 inches is too small; at least 9.0 x 5.9"),
    ],
)
def test_wrong_arguments_are_named(result, tmp_path, name, options, says):
    with pytest.raises(ValueError, match=says):
        capacity_map(result, tmp_path / name, **options)
    assert not list(tmp_path.iterdir())


def test_another_result_is_refused(tmp_path):
    with pytest.raises(TypeError, match="a dict like this is no result with a place on the map"):
        capacity_map({}, tmp_path / "map.png")


def test_the_old_file_stays_when_writing_fails(result, tmp_path, monkeypatch):
    path = tmp_path / "map.png"
    path.write_bytes(b"old")

    def full_disk(self, target, **_):
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full_disk)
    with pytest.raises(OSError, match="No space left"):
        capacity_map(result, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(result, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        capacity_map(result, tmp_path / "nowhere" / "map.png")


def test_the_readers_own_matplotlib_settings_stay_and_do_not_show(result, tmp_path, caplog):
    plain = capacity_map(result, tmp_path / "plain.png", date=DAY, dpi=50).read_bytes()
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "figure.facecolor": "red"}):
        before = dict(mpl.rcParams)
        path = capacity_map(result, tmp_path / "own.png", date=DAY, dpi=50)
        assert dict(mpl.rcParams) == before
    assert path.read_bytes() == plain
    with caplog.at_level(logging.INFO):
        capacity_map(result, tmp_path / "map.pdf")
    assert not caplog.records
