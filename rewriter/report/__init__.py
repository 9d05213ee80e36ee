"""What a person or a program reads: tables, diffs, failures, JSON, SARIF.

It may import the layers up to carriers. Begin with `message`, which holds messages independent of
their format. `data` is our own JSON; `sarif` and `github` are the formats of others.
"""
