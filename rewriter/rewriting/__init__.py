"""Rewrite one template: plan, edit and prove, and plan again with what failed.

It may import the layers up to tokens. Begin with `rewrite`; `rounds` tries plans until one holds,
and `proving` proves each. `verify` and `lint` judge variants that somebody else wrote, `unmark`
removes marks, and `promises` collects the promises of a recipe.
"""
