"""What a template prints, ready to be drawn: each run of characters, whose it is, its source.

A picture is plain data. What draws it, on a terminal or a page, knows neither templates nor traces.

It may import the layers up to rewriting. Begin with `picture`, the data, and `drawing`, which
fills it.
"""
