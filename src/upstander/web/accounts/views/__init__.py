"""Pages about people: signing in, one's own account, everybody's accounts, conflicts of interest."""
