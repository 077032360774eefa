"""Declarations become documents: pure functions, no I/O."""
