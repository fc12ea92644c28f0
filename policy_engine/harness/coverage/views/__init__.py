"""Coverage as people and programs read it: marked text, a page, JSON."""
