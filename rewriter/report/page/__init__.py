"""A picture as one page of HTML: conversations, the source beside them, and what printed what."""
