"""Work on untrusted templates, in processes that can be stopped.

It may import the layers up to report, but imports only errors and limits, so that a worker starts
fast. Begin with `workers`, which hands out tasks. `worker` is one process, `processes` starts it,
and `serving` runs in it.
"""
