"""One template planned, edited, proven, and planned again with what failed."""
