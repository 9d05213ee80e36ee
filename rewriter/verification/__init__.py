"""What a variant promises about text and mask, and whether it keeps that.

It may import the layers up to engine. Begin with `check`. The judges are `structure`, which
compares trees, `mask`, which uses provenance, and `by_rendering`, which only renders. `accounting`
finds the sources of text that are still open.
"""
