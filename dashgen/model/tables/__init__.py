"""Tables, their columns and row constraints, demo data."""
