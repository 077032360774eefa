"""Go templates, as Grafana uses them in labels, annotations and messages: parsed, judged, run."""
