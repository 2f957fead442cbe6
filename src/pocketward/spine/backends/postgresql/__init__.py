"""PostgreSQL: the practice scope is applied to the connection."""
