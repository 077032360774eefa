"""Lists that `make generated` takes from the SDK and from Grafana's source."""
