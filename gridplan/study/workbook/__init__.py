"""A study in one Excel workbook: opened with care, read like CSV files, and made as a template."""
