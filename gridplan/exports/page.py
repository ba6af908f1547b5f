"""The interactive map: one HTML file that needs nothing from anywhere.

Bokeh draws map and charts; the page around it is plain HTML with native controls. All figures and
names lie in the file as JSON and reach the page as text, never as markup.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr
from bokeh.resources import Resources
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from gridplan.base.messages import Language, Messages, messages
from gridplan.check.certificate import Certificate
from gridplan.exports.about import NOT_THE_GRID
from gridplan.exports.page_asked import Asked, asked_of
from gridplan.exports.page_assumed import assumed, goals_told
from gridplan.exports.page_capacity import Names, capacity_of_year, points_of
from gridplan.exports.page_facts import abouts, definitions, facts, made_with, plan_texts, title
from gridplan.exports.page_figures import figures_json
from gridplan.exports.page_looks import classes, colours, states, widths
from gridplan.exports.page_places import places_of
from gridplan.exports.page_plan import plan_of_year, sites_of
from gridplan.exports.saving import whole_file
from gridplan.portfolio.plan import Plan
from gridplan.study.stage import stage_texts
from gridplan.study.study import Study

SCRIPTS = ("words", "model", "map", "pointer", "panel", "table", "search", "main")
Capacities = xr.Dataset | Mapping[int, xr.Dataset]


def write_page(
    result: Any,
    path: str | os.PathLike[str],
    *,
    capacity: Capacities | None = None,
    plan: Plan | Mapping[int, Plan] | None = None,
    study: Study | None = None,
    certificate: Certificate | Mapping[int, Certificate] | None = None,
    language: Language = "en",
    date: dt.date | None = None,
) -> Path:
    """Write hosting capacities, plans or both as an interactive map.

    Parameters
    ----------
    result : xarray.Dataset, Plan, sequence of them, or mapping of int to either or both
        Of `gridplan.hosting_capacity` or `gridplan.plan`; several by the year of their grid.
    path : path-like
        An HTML file; an older one stays when writing fails.
    capacity, plan : optional
        The other kind of result, for the same page.
    study : Study, optional
        That the capacities belong to, on any grid year up to theirs. Not needed with a plan of
        every year.
    certificate : Certificate or mapping of int to Certificate, optional
        Of the plans: loadings then come with outage and hour.
    language : {"en", "nb"}
        English or Norwegian (bokmål).
    date : datetime.date, optional
        Shown instead of the day on which the result was made.

    Returns
    -------
    pathlib.Path
        The file. Equal input and date give equal bytes.

    Raises
    ------
    TypeError
        When there is no page of such a result.
    ValueError
        When results cannot stand on one page or do not belong to the study, or for an unknown
        language.

    Examples
    --------
    >>> import gridplan as gp
    >>> now, then = (gp.at_stage(study, year) for year in (2025, 2030))  # doctest: +SKIP
    >>> caps = {
    ...     2025: gp.hosting_capacity(now, hourly=True),
    ...     2030: gp.hosting_capacity(then, hourly=True),
    ... }  # doctest: +SKIP
    >>> write_page(caps, "capacity.html", study=study, language="nb")  # doctest: +SKIP
    """
    target, texts = Path(path), messages(language)
    asked = asked_of(result, capacity=capacity, plan=plan, study=study, certificate=certificate)
    text = _page(asked, texts, language, date)
    with whole_file(target) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
    return target


def _page(asked: Asked, texts: Messages, language: Language, date: dt.date | None) -> str:
    """Fill the template: text is escaped, scripts are the page's own and named in its policy."""
    data, told = _data(asked, texts, language), abouts(asked, texts)
    data["made"] = made_with(asked, told, texts, date)
    scripts = [_bokeh(), _own_script()]
    values = {
        "language": language,
        "t": texts.texts,
        "title": title(asked, texts),
        "attribution": asked.study.settings.attribution,
        "policy": _policy(scripts),
        "css": Markup(_asset("page.css")),
        "layers": data["layers"],
        "selects": _selects(asked, data, texts),
        "has_plans": bool(asked.plans),
        "crowd": _crowd_name(data, texts),
        "scale": not data["places"]["schematic"],
        "notes": _notes(data, texts),
        "definitions": definitions(asked, told, texts),
        "facts": facts(told, texts, date),
        "assumed": list(assumed(asked.studies[asked.years[-1]], texts)),
        "data": Markup(_script_json(data)),
        "scripts": [Markup(script) for script in scripts],
    }
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_asset("page.html")).render(values)


def _data(asked: Asked, texts: Messages, language: Language) -> dict[str, Any]:
    """Everything that the page shows, as JSON."""
    names, points = Names(), points_of(asked.capacities)
    sites = [sites_of(plan) for plan in asked.plans.values()]
    every = pd.concat(sites) if sites else pd.DataFrame({"bus": [], "lon": [], "lat": []})
    capacity = {
        str(year): capacity_of_year(cap, names, points) for year, cap in asked.capacities.items()
    }
    plans = {
        str(year): plan_of_year(plan, asked.certificates.get(year), names)
        for year, plan in asked.plans.items()
    }
    one = asked.capacity
    places = places_of(asked.studies, every[~every.index.duplicated()])
    return {
        "study": asked.study.name,
        "texts": texts.texts,
        "layers": asked.layers,
        "years": asked.years,
        "criteria": [] if one is None else [str(name) for name in one.indexes["criterion"]],
        "flexibilities": [] if one is None else [float(x) for x in one.indexes["flexibility"]],
        "hasCapacity": one is not None,
        "stages": {str(year): _stage(study, texts) for year, study in asked.studies.items()},
        "planTexts": {
            str(year): plan_texts(plan, asked.certificates.get(year), texts)
            for year, plan in asked.plans.items()
        },
        "goals": {
            str(year): goals_told(plan, texts, language) for year, plan in asked.plans.items()
        },
        "places": places,
        "capacity": capacity,
        "plans": plans,
        "names": names.all(),
        "classes": classes(asked.study.settings, asked.direction, texts),
        "colours": colours(),
        "states": states(),
        "widths": widths(),
        "assumed": list(NOT_THE_GRID),
        "ceiling": asked.ceiling_mw,
        "figures": {
            name: json.loads(text)
            for name, text in figures_json(scale=not places["schematic"]).items()
        },
    }


def _stage(study: Study, texts: Messages) -> str:
    return " ".join(stage_texts(study.stage, texts)) or texts("page_stored_grid")


def _selects(
    asked: Asked, data: dict[str, Any], texts: Messages
) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Choice lists of the switches: name, label and options (value, text, whether chosen)."""
    years = [
        (str(year), texts("page_grid_of", year=year), year == asked.years[-1])
        for year in asked.years
    ]
    selects = [("year", texts("page_year"), years)]
    if asked.capacity is not None:
        criteria = [(name, name, not at) for at, name in enumerate(data["criteria"])]
        shares = [
            (str(at), _share(share, texts), not at)
            for at, share in enumerate(data["flexibilities"])
        ]
        selects += [("criterion", texts("page_criterion"), criteria)]
        selects += [("flexibility", texts("page_flexibility"), shares)]
    levels = sorted({bus["kv"] for bus in data["places"]["buses"]}, reverse=True)
    voltages = [("", texts("page_all_voltages"), True)]
    voltages += [(f"{kv:g}", f"{kv:g} kV", False) for kv in levels]
    return [*selects, ("kv", texts("page_voltage"), voltages)]


def _share(share: float, texts: Messages) -> str:
    if share == 0:
        return texts("page_firm")
    return texts("page_flexible", percent=f"{share * 100:g}".replace(".", texts.texts["decimal"]))


def _crowd_name(data: dict[str, Any], texts: Messages) -> str:
    """Name of the area where stations crowd, after the municipality with most of them."""
    if data["places"]["crowd"] is None:
        return ""
    west, south, east, north = data["places"]["crowd"]
    there = pd.Series(
        [
            bus["municipality"]
            for bus in data["places"]["buses"]
            if west <= bus["x"] <= east and south <= bus["y"] <= north and bus["municipality"]
        ]
    )
    return texts("enlarged") if there.empty else texts("inset", place=there.mode().iloc[0])


def _notes(data: dict[str, Any], texts: Messages) -> str:
    """Say what on the map is not the real grid."""
    assumed = any(branch["basis"] in NOT_THE_GRID for branch in data["places"]["branches"])
    notes = [texts("note_synthetic")] if assumed else []
    notes += [texts("note_schematic")] if data["places"]["schematic"] else []
    return " ".join(notes)


def _asset(name: str) -> str:
    return (files("gridplan.exports") / "page_assets" / name).read_text(encoding="utf-8")


def _own_script() -> str:
    parts = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();'


def _bokeh() -> str:
    """BokehJS without widgets, tables or anything that would ask a server."""
    [script] = Resources(mode="inline", components=["bokeh"]).js_raw[:1]
    return script


def _policy(scripts: list[str]) -> str:
    """Let the browser run these very scripts, and ask nobody for anything."""
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    allowed = " ".join(f"'sha256-{each}'" for each in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:;"
        " form-action 'none'; base-uri 'none'"
    )


def _script_json(data: dict[str, Any]) -> str:
    """JSON that can stand in a script element: no text in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
