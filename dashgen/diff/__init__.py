"""What a change to the specs means for the people who watch: trees compared by identity, in the author's words.

One way: `sources` (bytes of two trees) → `documents` (the same, by identity) → `compare` (typed `edits`) → `words`,
`meaning` and `notified` (what they say, what they mean, who is woken) → `assemble` (a `Review`) → `reports`.
"""
