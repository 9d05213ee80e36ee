"""Make conversations that take a template to branches that no other conversation reached.

Begin with `search`. `goals` finds what a conversation must have to pass the tests around a branch,
`reads` finds where the template reads that, and `places` puts it there.
"""
