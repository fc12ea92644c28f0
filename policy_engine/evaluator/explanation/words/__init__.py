"""Parts of policies in words: what each saw of a request, and what it needs."""
