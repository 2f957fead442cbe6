"""Changes that many phones feel, held until the guard lets them pass."""
