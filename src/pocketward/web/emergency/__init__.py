"""Emergency access: a reason, 30 minutes, one app, officers told at once."""
