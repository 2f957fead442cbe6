"""The printed card with the lost-phone address, to keep in a wallet or at the front desk."""
