"""Branches that nothing can reach, each by an argument that holds for every conversation."""
