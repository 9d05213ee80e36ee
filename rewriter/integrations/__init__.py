"""Other projects, made to use this one."""
