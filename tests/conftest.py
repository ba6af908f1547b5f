"""PyPSA's switches as gridplan sets them, for networks built in tests."""

import logging

import pypsa
import pytest


@pytest.fixture(autouse=True, scope="session")
def _quiet_pypsa():
    pypsa.options.api.legacy_string_dtype = False
    pypsa.options.params.optimize.include_objective_constant = False
    for name in ("pypsa", "linopy"):
        logging.getLogger(name).setLevel(logging.ERROR)
