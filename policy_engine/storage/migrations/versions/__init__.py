"""One file a step, each named after the one before."""
