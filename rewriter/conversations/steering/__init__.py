"""Make conversations that take a template to branches that no other conversation reached."""
