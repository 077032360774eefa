"""What Grafana itself does."""
