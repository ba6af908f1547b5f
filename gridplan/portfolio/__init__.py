"""The choice of projects and measures under full N-1, and the same problem as plain PyPSA."""
