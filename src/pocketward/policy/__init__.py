"""The practice policy: one readable document that becomes device settings and requirements."""
