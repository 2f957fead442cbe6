"""Coming in: passkey sign-in, invitations, the demo link, and one's own passkeys and sessions."""
