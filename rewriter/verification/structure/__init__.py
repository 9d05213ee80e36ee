"""Prove from the trees of two templates that they print the same, for every conversation."""

from rewriter.verification.structure.proof import Difference, Excerpt, Structure, same_text

__all__ = ["Difference", "Excerpt", "Structure", "same_text"]
