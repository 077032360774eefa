"""The rendered dashboards drawn with data: a local page, pictures of it, and the queries behind both."""
