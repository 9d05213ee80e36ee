"""Tokens and token masks, as tokenizers and transformers make them.

It may import the layers up to verification. Begin with `token_masks`, the mask that transformers
makes from a template's spans, and `training_checks`, the questions of a trainer before it starts.
"""
