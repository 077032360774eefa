"""What an author writes: frozen, typed, checked where it is built. Knows no Grafana JSON, does no I/O, imports
nothing else of dashgen."""
