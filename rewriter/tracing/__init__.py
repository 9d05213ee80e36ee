"""Which piece of the source printed which character, in whose turn.

It may import source. Begin with `render`: it runs an instrumented copy of the tree (`instrument`)
in transformers' sandbox (`compiled`), on strings that remember their origin (`provenance`), and
returns runs of characters (`trace`). `accounting` finds the sources of text that were never seen to
print.
"""
