"""Many scenarios of one study: the scenario file, its runs, and what they have in common."""
