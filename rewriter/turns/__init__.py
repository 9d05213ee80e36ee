"""What each printed character is: header, prefill, generated, turn end, somebody else's."""
