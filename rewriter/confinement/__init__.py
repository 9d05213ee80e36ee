"""Work on a template that nobody trusts, done in a process that can be stopped.

It knows errors and limits alone. Begin with `workers`.
"""
