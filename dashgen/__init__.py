"""dashgen: dashboards as code for Grafana over QuestDB."""
