"""A PyPSA network as matrices: topology and bridges, PTDF and LODF, ratings."""
