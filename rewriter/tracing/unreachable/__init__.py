"""Prove that branches are unreachable, for every conversation.

Begin with `proof`. `flow` finds where names get their values, `names` and `expressions` which kinds
of value they may have, and `assuming` what else holds if a test has some result.
"""
