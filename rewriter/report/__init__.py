"""What a person or a machine reads: tables, diffs, failures, SARIF.

It knows the layers up to carriers. Begin with `message`, what there is to say before it has a form.
"""
