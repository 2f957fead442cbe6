"""SQLite: practice triggers are taken away and put back around each migration."""
