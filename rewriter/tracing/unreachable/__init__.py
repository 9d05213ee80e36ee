"""Prove that branches are unreachable, for every conversation."""
