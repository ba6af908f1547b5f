"""How much more load or generation a bus can take."""
