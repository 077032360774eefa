"""Python source of objects of the model, as ruff formats it.

Every text of a document goes through `literals`: nothing else writes quotes.
"""
