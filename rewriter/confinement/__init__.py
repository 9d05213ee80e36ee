"""Work on an untrusted template, done in a process that can be stopped.

It may import the layers up to report, and imports errors and limits alone, so that a worker
starts fast. Begin with `workers`, which hands out tasks; `worker` is one process, `processes` how
it begins, and `serving` what runs in it.
"""
