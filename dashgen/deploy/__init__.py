"""From a rendered tree to a running Grafana: one on this machine to look at, and checks of how one is deployed."""
