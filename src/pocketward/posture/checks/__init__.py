"""One folder a check: how it judges, and the texts that tell people how to fix it."""
