"""Work on a template that nobody trusts, done in a process that can be stopped."""
