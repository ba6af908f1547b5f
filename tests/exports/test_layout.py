"""Nothing covers anything else."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.base.messages import messages
from gridplan.exports.layout import Box, crowded_area, fit, page_of, view_of
from gridplan.exports.panel import Entry, Section, _fitted
from gridplan.exports.placing import Label, place, spread

FRAME = Box(0, 0, 150, 160)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(20, 130), st.integers(20, 130)), min_size=1, max_size=40),
       st.integers(0, 9))  # fmt: skip
def test_symbols_never_overlap_even_on_one_site(sites, seed):
    radii = np.random.default_rng(seed).choice([1.65, 2.05, 3.3], len(sites))
    centres = spread(np.array(sites, dtype=float), radii, FRAME)
    for i, j in combinations(range(len(sites)), 2):
        assert np.hypot(*(centres[i] - centres[j])) >= radii[i] + radii[j]


def test_symbols_make_way_for_fixed_ones_and_for_boxes():
    anchors, radii = np.array([[10.0, 10.0], [10.0, 10.0], [30.0, 30.0]]), np.array([1.0, 2.0, 2.0])
    fixed = np.array([True, False, False])
    box = Box(29, 20, 30, 30)
    centres = spread(anchors, radii, FRAME, fixed=fixed, keep_out=[box])
    assert centres[0].tolist() == [10.0, 10.0]
    assert np.hypot(*(centres[1] - centres[0])) >= 3.0
    assert not box.holds(centres[2])[0]


def test_labels_keep_clear_of_each_other_and_of_what_is_there():
    labels = [Label(f"Stasjon {i}", 50 + i, 50.0, 6.0, 1.2, "black") for i in range(12)]
    taken = [Box(52, 45, 4, 4)]
    placed = place(labels, taken, FRAME, np.empty((0, 2)))
    boxes = list(taken)
    for label, x, y in placed:
        width, height = label.extent
        boxes.append(Box(x - width / 2, y - height / 2, width, height))
    assert 2 <= len(placed) < 12
    assert placed[0][0] is labels[0]
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))


def test_boxes_in_the_corners_hide_nothing():
    diagonal = np.column_stack([np.linspace(0, 300, 200)] * 2)
    view, boxes = fit(FRAME, Box(0, 0, 300, 300), diagonal, [(60, 60), (40, 60)])
    points = view.to_mm(diagonal)
    assert not any(box.holds(points).any() for box in boxes)
    assert not boxes[0].meets(boxes[1])
    assert FRAME.holds(points).all()


def test_views_keep_the_shape_of_the_land():
    view = view_of(Box(10, 10, 100, 50), Box(-5, -5, 10, 10))
    corners = view.to_mm(np.array([[-5.0, -5.0], [5.0, 5.0]]))
    assert corners.tolist() == [[35.0, 10.0], [85.0, 60.0]]


def test_a_town_gets_an_inset_and_an_even_grid_none():
    grid = np.array([[x, y] for x in range(0, 301, 50) for y in range(0, 301, 50)], dtype=float)
    town = 100 + np.random.default_rng(1).uniform(-8, 8, (15, 2))
    assert crowded_area(grid) is None
    area = crowded_area(np.vstack([grid, town]))
    assert area.holds(town).mean() > 0.6
    assert area.width < 40


@pytest.mark.parametrize("counts", [(3, 1, 0), (33, 11, 3), (30, 60, 30), (400, 200, 90)])
def test_lists_fit_the_panel_whatever_their_length(counts):
    sections = [
        Section(f"Part {part}", [Entry("chosen", f"P{i}", "1", i, 1.0) for i in range(count)])
        for part, count in enumerate(counts)
    ]  # fmt: skip
    pitch, placed = _fitted(
        [section for section in sections if section.entries], 140.0, messages("en")
    )
    assert placed
    rows = 140.0 / pitch
    assert all(column < 2 and at + 1 <= rows + 1e-9 for column, at, _ in placed)
    shown = sum(isinstance(item, Entry) and item.kind == "chosen" for *_, item in placed)
    more = [item.text for *_, item in placed if isinstance(item, Entry) and item.kind == "more"]
    dropped = sum(int(text.split()[1]) for text in more)
    assert shown + dropped == sum(counts)


def test_a_page_is_divided_without_overlap():
    page = page_of((11.69, 8.27))
    assert not page.map.meets(page.panel)
    assert page.panel.right < page.width
