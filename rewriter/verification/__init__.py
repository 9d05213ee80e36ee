"""What a variant promises about text and mask, and whether it keeps it.

It knows the layers up to engine. Begin with `check`. The judges are `structure`, which compares
terms, `mask`, which goes by provenance, and `by_rendering`, which only renders; `accounting` says
what stays open.
"""
