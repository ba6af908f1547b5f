"""Commands for the terminal; the only room that prints, colours and sets exit codes."""

from gridplan.cli.app import main

__all__ = ["main"]
