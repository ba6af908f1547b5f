"""What people see: maps, charts, pages, GIS files, workbooks and reports."""
