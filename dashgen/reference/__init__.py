"""The reference of what specs import, as Markdown: `docs/reference/`.

What it says is read from the source (`dashgen.model.core.documentation`): signatures, types and defaults as they are,
and the sentences below the fields.
"""
