"""What a refused person reads: why, what to do, how long it takes; and how to enroll."""
