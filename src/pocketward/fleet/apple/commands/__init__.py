"""The Apple commands we can give, one file each."""
