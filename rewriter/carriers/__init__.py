"""Where templates are read from and written back to."""
