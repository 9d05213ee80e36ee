"""What each printed character is: header, prefill, generated, turn end, somebody else's.

It may import source and tracing. Begin with `turns`, which marks a rendered conversation by what
`prompts`, `beginnings` and `ends` find, and `labels`, which collects what each piece of the source
prints.
"""
