"""Read models: one row per phone, person, case and practice, kept up by jobs; lists and search read these."""
