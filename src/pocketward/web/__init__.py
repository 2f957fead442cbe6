"""Every page a person sees, one folder per page family: view, page model and template side by side."""
