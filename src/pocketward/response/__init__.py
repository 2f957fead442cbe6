"""Acts: a loss report closes records at once, a playbook does the rest, safest step first."""
