"""PyPSA's switches as gridplan sets them, for networks built in tests."""

import logging
import os

# Two test processes share two cores; threads of their own would only stand in each other's way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pypsa
import pytest
from hypothesis import settings

# The same examples in every run; HYPOTHESIS_PROFILE=default looks for new ones.
settings.register_profile("fixed", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture(autouse=True, scope="session")
def _quiet_pypsa():
    pypsa.options.api.legacy_string_dtype = False
    pypsa.options.params.optimize.include_objective_constant = False
    for name in ("pypsa", "linopy"):
        logging.getLogger(name).setLevel(logging.ERROR)
