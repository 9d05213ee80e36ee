"""What a variant promises about text and mask, and whether it keeps it.

It may import the layers up to engine. Begin with `check`. The judges are `structure`, which
compares trees, `mask`, which goes by provenance, and `by_rendering`, which only renders.
`accounting` says which sources of text are still open.
"""
