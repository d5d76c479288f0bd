"""How the documentation is built."""

import doctest
from importlib.metadata import version as version_of

project = "phonograd"
author = "the phonograd contributors"
copyright = "the phonograd contributors"
release = version = version_of("phonograd")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Docstrings are plain text with `code` between single backticks.
default_role = "code"
autodoc_member_order = "alphabetical"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False

# Every example of these pages and of the docstrings shown in them is run by `sphinx-build -b doctest`.
doctest_default_flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS  # as tests/test_docs.py runs them
doctest_global_setup = "import numpy as np\nimport phonograd as pg\n"
trim_doctest_flags = True

html_theme = "furo"
html_title = f"phonograd {release}"
html_copy_source = False
copybutton_exclude = ".linenos, .gp, .go"
