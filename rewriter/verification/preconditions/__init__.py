"""Preconditions for a ``generation`` block to work, one per file.

Each is a function from a template to findings. The reasons are those of transformers 5, where the
block is a ``CallBlock``: its body is compiled to a function of its own, and its span starts at the
length of the text that the template has yielded so far.
"""
