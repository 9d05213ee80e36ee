"""Make other projects use this one.

It may import every layer but the command. There is one module per project, imported only on demand.
Begin with `trl`.
"""
