"""One module a host; each is imported by itself, so that nobody needs the libraries of all."""
