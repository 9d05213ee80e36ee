"""Where templates are read from and written back to.

It may import the layers up to rewriting. Begin with `carrier`, which chooses the reader for each
kind of file. `files` writes files without losing anything, and `packages` fetches what a catalog
names.
"""
