"""One YAML file a playbook; `schema.json` says what one may hold."""
