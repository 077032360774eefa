"""Builds of what changed: which modules of the specs a build has to execute, and which documents are as they were.

What an earlier build saw is kept in one file a project, in the user's cache folder. It has digests and names, no code
and no document: a document that is left as it is has to stand in the tree with the digest that is kept.
"""
