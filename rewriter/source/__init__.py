"""Text, pieces and jinja2's tree with exact spans; edits and their application."""
