"""Where templates are read from and written back to.

It may import the layers up to rewriting. Begin with `carrier`, which tells files by their kind.
`files` writes them so that nothing is lost, and `packages` fetches what a catalog names.
"""
