"""What each printed character is: header, prefill, generated, turn end, somebody else's.

It knows source and tracing. Begin with `turns`, which marks a rendered conversation by what
`prompts` and `stop_token` tell, and `labels`, which gathers what each piece of the source prints.
"""
