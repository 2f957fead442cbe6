"""The Django ground under all domains: unit of work, events, jobs, practice scoping, encryption."""
