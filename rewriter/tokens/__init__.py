"""What tokenizers make of a template's text and mask."""
