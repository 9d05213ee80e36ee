"""What a rule can do, one verb a file; each takes the statements of a draft and gives new ones."""
