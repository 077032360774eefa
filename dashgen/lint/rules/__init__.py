"""The rules. Codes say what they are about: DG1xx the server's answer, DG2xx columns against the panel, DG3xx SQL that
misleads, DG4xx time ranges and intervals, DG5xx alert queries, DG6xx declarations."""
