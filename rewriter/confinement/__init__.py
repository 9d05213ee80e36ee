"""Work on untrusted templates, in processes that can be stopped.

It may import the layers up to report, but imports only errors, limits and arguments, so that a
worker starts fast. Begin with `limited`. `workers` hands out tasks, `worker` is one process,
`processes` starts it, and `serving` runs in it.
"""
