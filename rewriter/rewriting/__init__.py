"""One template planned, edited, proven, and planned again with what failed.

It knows the layers up to tokens. Begin with `rewrite`; `verify` and `lint` judge other people's
variants, `unmark` is the way back, `promises` says what a recipe promises.
"""
