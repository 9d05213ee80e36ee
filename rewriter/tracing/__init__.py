"""Which piece of the source printed which character, in whose turn.

It knows source. Begin with `render`: it runs an instrumented copy of the tree (`instrument`) in
transformers' sandbox (`compiled`) on strings that remember their origin (`provenance`), and gives
runs of characters (`trace`). `accounting` counts the sources of text that nothing has shown.
"""
