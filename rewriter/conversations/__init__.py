"""What templates are tried on, and what a template accepts.

It may import the layers up to turns. Begin with `fixed`, the conversations that every template is
checked on. `strategies` generates more, `boundaries` and `read_keys` make those that a template's
own source calls for, `steering` reaches what no other did, and `profiling` finds what is accepted.
"""
