"""What the committee's console does, free of HTTP: one module a noun."""
