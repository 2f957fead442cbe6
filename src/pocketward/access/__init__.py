"""Who may reach records: sessions, holds, sign-on; publishes to the gate."""
