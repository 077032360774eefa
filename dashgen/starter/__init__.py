"""What a project begins with: the folder of `dashgen new`, and the modules that `dashgen add` writes.

Files that are the same in every project are in `template/`; specs are made of a table's declaration.
"""
