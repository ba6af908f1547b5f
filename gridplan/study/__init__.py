"""A study folder: tables, profiles and settings, read and checked once."""
