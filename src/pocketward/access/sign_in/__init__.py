"""Sign-in of people: passkeys first; the only place, with config, that knows the sign-in library."""
