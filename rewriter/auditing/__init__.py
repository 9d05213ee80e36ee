"""What training on a data set with a template would see, in figures of bounded size.

It may import the layers up to picture. Begin with `batch`, the pure function that every engine
runs; `figures` adds up what it returns, `engines` run it, and `audit` ties them together. Of a row
nothing is kept but its figures.
"""
