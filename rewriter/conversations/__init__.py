"""The conversations that templates are tried on, and what a template accepts.

It may import the layers up to turns. Begin with `fixed`, the conversations that every template is
checked on. `strategies` generates more, `boundaries` and `read_keys` make conversations from a
template's own source, `steering` reaches what no others do, and `profiling` finds what a template
accepts.
"""
