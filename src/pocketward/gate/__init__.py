"""The hot path: answers `may I?` from memory; no Django, no database, no network client."""
