"""Our own certificate authority: identities of devices, holds, revocation, SCEP."""
