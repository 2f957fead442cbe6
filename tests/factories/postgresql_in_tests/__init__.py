"""The product's PostgreSQL backend for tests that are undone at their end."""
