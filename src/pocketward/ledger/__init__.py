"""Seals every recorded fact into a log per practice that anyone can check without us."""
