"""authserver."""
