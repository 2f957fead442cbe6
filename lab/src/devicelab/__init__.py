"""Simulated phones, push service, mailbox and records system that speak the real protocols."""
