"""Other projects, made to use this one.

It may import every layer but the command. One module a project; none is imported unless asked for.
Begin with `trl`.
"""
