"""What the shipped tables need on disk, and what one server stands: docs/capacity.md."""
