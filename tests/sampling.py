"""Which of many equal cases run in the quick suite; the others carry the marker `slow`."""

from collections.abc import Iterable

import pytest


def rest_slow(seeds: Iterable[int], quick: int = 1) -> list:
    """The first cases as they are, the rest marked `slow`."""
    return [
        seed if place < quick else pytest.param(seed, marks=pytest.mark.slow)
        for place, seed in enumerate(seeds)
    ]
