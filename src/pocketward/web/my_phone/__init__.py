"""Staff pages: home with four things, my phone, how to fix it, and what we hold about you."""
