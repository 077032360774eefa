"""What can be wrong with a query: one rule a file, its docstring is its page in the docs."""
