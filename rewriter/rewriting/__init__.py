"""One template planned, edited and proven, and planned again with what failed.

It may import the layers up to tokens. Begin with `rewrite`. `verify` and `lint` judge variants that
somebody else wrote, `unmark` takes marks out again, and `promises` says what a recipe promises.
"""
