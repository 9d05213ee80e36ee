"""The verbs of rules, one per file; each turns the statements of a draft into new ones."""
