"""The guard's page: limits, who approves, the kill switch, and what waits."""
