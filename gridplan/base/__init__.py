"""Errors and units that every room may use."""
