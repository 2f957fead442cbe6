"""Devices, enrollments, the command queue, the guard, inventory."""
