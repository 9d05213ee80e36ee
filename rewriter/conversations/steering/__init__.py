"""Conversations made so that a template goes where no conversation went before."""
