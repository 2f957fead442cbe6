"""Report a lost phone from anybody's phone, without signing in: `/lost` and `/l/<code>`."""
