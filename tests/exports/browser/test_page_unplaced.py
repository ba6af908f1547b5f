"""Pages of networks without coordinates, and of room for generation."""

from gridplan.exports.page import write_page
from gridplan.hosting.capacity import hosting_capacity
from tests.networks_by_hand import plain_study, two_triangles


def test_schematic_of_room_for_generation(opened, tmp_path):
    study = plain_study(two_triangles(24), {"P": {"bus": "E", "mw": 5.0, "value_mnok_per_yr": 1.0}})
    cap = hosting_capacity(study, direction="generation", hourly=True)
    page = opened(write_page(cap, tmp_path / "a.html", study=study, language="nb"))
    layers = page.locator("input[name=layer]").evaluate_all("all => all.map(one => one.value)")
    assert layers == ["capacity", "municipalities"]
    text = page.inner_text("body")
    assert "plass til mer produksjon" in text
    assert "Skjematisk" in text
    assert page.locator(".north").count() == 0
    page.fill("#search", "E")
    page.keyboard.press("Enter")
    assert page.inner_text("#panel-name") == "E"
    assert page.is_visible("#charts")
