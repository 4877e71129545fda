"""Cases as published ones tell them, each a whole conversation with what must come of it. Format: README.md."""
