"""What tokenizers make of a text and its mask.

It may import the layers up to verification. Begin with `token_masks`, the mask that transformers
makes of a template's spans, and `training_checks`, what a trainer asks before it starts.
"""
