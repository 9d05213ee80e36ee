"""Text, pieces and jinja2's tree with exact spans; edits and their application.

It imports no other layer. Begin with `template`, which ties the pieces of a text to the nodes
that jinja2 makes of them, and `edits`, the only way in which a text is changed.
"""
