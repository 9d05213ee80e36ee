"""Which source piece printed which output character, in whose turn, in which part of it."""
