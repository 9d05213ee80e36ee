"""Transforms read from data, matched, planned and applied."""
