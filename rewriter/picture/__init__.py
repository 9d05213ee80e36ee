"""A template's printed text, ready to be drawn: runs of characters with their part and source.

A picture is plain data. The code that draws it, on a terminal or a page, knows neither templates
nor traces.

It may import the layers up to rewriting. Begin with `picture`, the data, and `drawing`, which makes
it.
"""
