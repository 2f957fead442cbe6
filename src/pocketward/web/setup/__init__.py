"""Setting up: the first owner, the checklist with its level of adoption, and Apple's push certificate."""
