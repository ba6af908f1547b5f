"""Secure dispatch of every hour: base case, critical regions, CNEC rows on demand."""
