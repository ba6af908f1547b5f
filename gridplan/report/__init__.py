"""What people see: maps and files."""
