"""Builds that execute what changed."""
