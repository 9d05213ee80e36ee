"""Text, pieces and jinja2's tree with exact spans; edits and their application.

It imports no other layer. Begin with `template`, which ties the pieces of a text to jinja2's nodes,
and `edits`, the only way to change a text.
"""
