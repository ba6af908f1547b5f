"""Networks of other tools, and NVE's map of the grid, as study folders."""
