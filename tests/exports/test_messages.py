"""Both languages say the same, and fit where they are written."""

import re
from math import inf
from pathlib import Path

import pytest

import gridplan
from gridplan.base.messages import LANGUAGES, messages
from gridplan.exports import style
from gridplan.exports.features import features_of
from gridplan.exports.geography import geography_of
from gridplan.exports.legend import PAD, ROW, SAMPLE, SIZE_PT, WIDTH
from gridplan.exports.loading import highest_loading
from gridplan.exports.placing import text_extent
from gridplan.exports.scene_plan import plan_key


def names(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_languages_have_the_same_keys_and_the_same_names_to_fill_in():
    english, norwegian = (messages(language).texts for language in ("en", "nb"))
    assert list(english) == list(norwegian)
    for key in english:
        assert names(english[key]) == names(norwegian[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_twice(language):
    paths = (Path(gridplan.__file__).parent / "base" / "texts").glob(f"*{language}.yaml")
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    keys = re.findall(r"^([\w-]+):", text, flags=re.MULTILINE)
    assert len(keys) > 100
    assert sorted(keys) == sorted(set(keys))  # YAML would keep the last in silence


@pytest.mark.parametrize("language", LANGUAGES)
def test_months(language):
    assert len(messages(language).texts["months"].split()) == 12


def test_no_text_is_left_over():
    tables = sorted((Path(gridplan.__file__).parents[1] / "networks").glob("*/*.csv"))
    cells = "".join(path.read_text(encoding="utf-8") for path in tables)
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(Path(gridplan.__file__).parent.rglob("*.py"))
    )
    for key in messages("en").texts:
        if key.startswith("page_"):
            continue  # tests/exports/test_page.py
        column_or_word = re.sub("^(column|word)_|_about$", "", key)
        named = f'"{key}"' in source or f'"{column_or_word.replace("_", " ")}"' in source
        in_data = key.startswith("word_") and column_or_word.replace("_", " ") in cells
        assert named or in_data or re.search(rf"\b{column_or_word}\b", source), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("secure", [True, False])
def test_the_key_fits_its_box(reinforced, language, secure):
    geography = geography_of(reinforced.study, reinforced.network)
    features = features_of(reinforced, geography, highest_loading(reinforced, None))
    rows = plan_key(reinforced, features, messages(language), secure=secure)
    assert messages(language)("legend_planned") in [row.text for row in rows]
    assert_fits(rows)


def assert_fits(rows):
    for row in rows:
        if row.sample is not None:
            room, size, weight = WIDTH - 2 * PAD - SAMPLE - 1.2, SIZE_PT, "normal"
        elif row.note:
            room, size, weight = WIDTH - 2 * PAD, SIZE_PT - 0.4, "normal"
        else:
            room, size, weight = WIDTH - 2 * PAD, SIZE_PT + 0.4, "bold"
        assert text_extent(row.text, size, weight)[0] <= room, row.text
        assert row.height >= ROW - 1


def test_minus_zero_is_zero():
    assert messages("en").number(-0.2) == "0"
    assert messages("nb").number(-1234.5, 1) == "−1\xa0234,5"


def test_classes_rise():
    limits = [limit for limit, _ in style.LOADING]
    assert limits == sorted(limits)
    assert limits[-1] == inf
    assert style.width_pt(420) > style.width_pt(300) > style.width_pt(132) > style.width_pt(66)
