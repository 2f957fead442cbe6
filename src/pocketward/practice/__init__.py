"""Who is who: service provider, practice, site, workforce member, account, roles."""
