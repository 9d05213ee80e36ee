"""What a person or a program reads: tables, diffs, failures, JSON, SARIF.

It may import the layers up to carriers. Begin with `message`, which holds what there is to say
before it has a form. `data` is the JSON, `sarif` and `github` are the forms of others.
"""
