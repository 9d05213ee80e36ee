"""What a person or a machine reads: tables, diffs, failures."""
