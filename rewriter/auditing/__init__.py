"""What training on a data set with a template would see, in figures of bounded size.

It may import the layers up to picture. Begin with `batch`, the pure function that every engine
runs. `figures` adds up its results, `engines` run it, and `audit` ties them together. Only the
figures of a row are kept.
"""
