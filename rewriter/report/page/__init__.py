"""A picture as one HTML page: conversations beside the source, each linked to the other."""
