"""Conversations, what a variant promises on them, and whether it keeps it."""
