"""What templates are tried on: strategies, fixed ones, steered ones; what a template accepts."""
