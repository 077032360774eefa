"""The dashboards that an operator of the daemons keeps open."""
