"""What a variant promises about text and mask, and whether it keeps that.

It may import the layers up to engine. Begin with `check`. `structure` compares the trees of two
templates; `pair_judge` and `variant_judge` judge one conversation, its mask by provenance (`mask`);
`by_rendering` judges masks by renders alone. `accounting` finds the sources of text that are still
open.
"""
