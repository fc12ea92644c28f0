"""cedar."""
