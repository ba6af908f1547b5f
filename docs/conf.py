"""How the documentation is built: `uv run sphinx-build -W -n docs docs/_build/html`."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "gridplan"
author = "the gridplan contributors"
version = release = version_of("trondelag-gridplan")
language = "en"

extensions = [
    "sphinx.ext.autodoc",
    "numpydoc",
    "myst_nb",
    "_ext.mathml",
    "_ext.site",
]
exclude_patterns = ["_build", "_ext"]
html_title = "gridplan"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # it fetches pages, which browsers refuse from the disk
highlight_language = "none"  # of blocks that name none: commands
smartquotes = False  # "" is an empty text, not a pair of quotes
html_math_renderer = "mathml"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1b5e7b", "color-brand-content": "#1b5e7b"},
    "dark_css_variables": {"color-brand-primary": "#8cc6de", "color-brand-content": "#8cc6de"},
}

default_role = "named"  # of docstrings: a link where the word is a public name
autodoc_typehints = "none"  # the docstrings tell types in words, shapes and units
numpydoc_show_class_members = False
add_module_names = False

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
nb_execution_mode = "off"  # notebooks are shown as they are committed; the tests run them
nb_merge_streams = True
