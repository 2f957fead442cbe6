"""People: who works here, which roles they hold, how they sign in, and inviting them."""
