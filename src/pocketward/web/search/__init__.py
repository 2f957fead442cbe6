"""One search over people, phones, cases and pages."""
