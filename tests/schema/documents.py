"""A valid document of each kind, made anew for each test that spoils it."""

from __future__ import annotations

from typing import Any

QUESTDB = {"type": "questdb-questdb-datasource", "uid": "questdb"}


def panel(kind: str = "timeseries", number: int = 1) -> dict[str, Any]:
    return {
        "id": number,
        "type": kind,
        "title": "Fetches",
        "gridPos": {"h": 8, "w": 12, "x": 0, "y": 8 * number},
        "datasource": QUESTDB,
        "targets": [
            {
                "refId": "A",
                "queryType": "sql",
                "rawSql": "SELECT 1",
                "format": 0,
                "selectedFormat": 0,
                "datasource": QUESTDB,
            }
        ],
        "options": {},
        "fieldConfig": {
            "defaults": {
                "unit": "short",
                "min": None,
                "thresholds": {
                    "mode": "absolute",
                    "steps": [{"color": "green", "value": None}, {"color": "red", "value": 5}],
                },
            },
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "rate"},
                    "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": "red"}}],
                }
            ],
        },
    }


def dashboard(*panels: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": None,
        "uid": "daemon-health",
        "title": "Daemon health",
        "schemaVersion": 42,
        "tags": ["dashgen"],
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "panels": list(panels or (panel(),)),
        "annotations": {
            "list": [
                {
                    "name": "Annotations & Alerts",
                    "builtIn": 1,
                    "type": "dashboard",
                    "enable": True,
                    "hide": True,
                    "iconColor": "rgba(0, 211, 255, 1)",
                    "datasource": {"type": "grafana", "uid": "-- Grafana --"},
                    "target": {"limit": 100, "matchAny": False, "tags": [], "type": "dashboard"},
                }
            ]
        },
        "templating": {
            "list": [
                {
                    "name": "host",
                    "type": "query",
                    "datasource": QUESTDB,
                    "query": "SELECT DISTINCT host FROM daemon_metrics",
                    "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
                    "multi": True,
                    "includeAll": True,
                    "allValue": None,
                    "options": [],
                    "refresh": 2,
                    "hide": 0,
                    "sort": 1,
                },
                {
                    "name": "env",
                    "type": "custom",
                    "query": "prod,dev",
                    "current": {"text": "prod", "value": "prod"},
                    "options": [{"selected": True, "text": "prod", "value": "prod"}],
                },
            ]
        },
        "links": [{"title": "Runbook", "type": "link", "url": "https://example.org", "tags": []}],
    }


def rules() -> dict[str, Any]:
    return {
        "apiVersion": 1,
        "groups": [
            {
                "orgId": 1,
                "name": "daemons",
                "folder": "Daemons",
                "interval": "1m",
                "rules": [
                    {
                        "uid": "daemon-down",
                        "title": "Daemon down",
                        "condition": "C",
                        "for": "1m",
                        "keepFiringFor": "0s",
                        "noDataState": "Alerting",
                        "execErrState": "Error",
                        "dashboardUid": "daemon-health",
                        "panelId": 7,
                        "annotations": {"summary": "{{ $labels.host }} is down", "__panelId__": "7"},
                        "labels": {"severity": "critical"},
                        "isPaused": False,
                        "data": [
                            {
                                "refId": "A",
                                "datasourceUid": "questdb",
                                "relativeTimeRange": {"from": 600, "to": 0},
                                "model": {
                                    "refId": "A",
                                    "datasource": QUESTDB,
                                    "queryType": "sql",
                                    "rawSql": "SELECT 1",
                                    "format": 1,
                                    "intervalMs": 1000,
                                    "maxDataPoints": 43200,
                                },
                            },
                            {
                                "refId": "B",
                                "datasourceUid": "__expr__",
                                "model": {
                                    "refId": "B",
                                    "type": "reduce",
                                    "expression": "A",
                                    "reducer": "last",
                                    "settings": {"mode": "dropNN"},
                                    "datasource": {"type": "__expr__", "uid": "__expr__"},
                                },
                            },
                            {
                                "refId": "C",
                                "datasourceUid": "__expr__",
                                "model": {
                                    "refId": "C",
                                    "type": "threshold",
                                    "expression": "B",
                                    "conditions": [{"evaluator": {"type": "lt", "params": [1]}}],
                                    "datasource": {"type": "__expr__", "uid": "__expr__"},
                                },
                            },
                        ],
                    }
                ],
            }
        ],
    }


def provisioning() -> dict[str, dict[str, Any]]:
    """By the schema's name; dashboards themselves are not among them."""
    return {
        "alert-rule": {
            "uid": "daemon-silent",
            "title": "Daemon silent",
            "condition": "A",
            "threshold": 60,
            "for_duration": "30s",
            "severity": "critical",
            "channels": ["telegram", "email"],
            "sql": "SELECT host, age FROM daemons",
            "fires": "above",
            "reducer": "last",
            "group": "daemons",
            "panel": "daemon-health/running",
        },
        "rules": rules(),
        "alert-tests": {
            "defaults": {"start": "2026-01-05T12:00:00Z", "rows": {"t": {"env": "prod"}}},
            "tests": [
                {
                    "name": "one",
                    "rules": ["daemon-down"],
                    "start": "2026-01-05T12:00:00Z",
                    "run": {"from": "0s", "to": "5m"},
                    "rows": [
                        {
                            "table": "t",
                            "from": "-5m",
                            "every": "5s",
                            "until": "1m",
                            "unchecked": True,
                            "each": {"b": [1, 2]},
                            "values": {"a": 1},
                        }
                    ],
                    "events": [{"at": "1m", "sql": "ALTER TABLE t SUSPEND WAL"}],
                    "expect": [
                        {
                            "at": "90s",
                            "alerts": [
                                {
                                    "rule": "daemon-down",
                                    "state": "Alerting",
                                    "reason": "",
                                    "labels": {"host": "a"},
                                    "value": 0,
                                    "values": {"A": None, "B": "NaN"},
                                    "notifies": ["email"],
                                    "group": {"env": "prod"},
                                    "annotations": {"summary": "down"},
                                }
                            ],
                        },
                        {"never": ["daemon-down"], "labels": {"host": "b"}},
                        {
                            "fires": "daemon-down",
                            "labels": {"host": "a"},
                            "state": "Alerting",
                            "after": "1m",
                            "within": "30s",
                            "resolves": {"after": "5m", "within": "1m"},
                            "notifies": ["email"],
                        },
                    ],
                }
            ],
        },
        "contact-points": {
            "apiVersion": 1,
            "contactPoints": [
                {
                    "orgId": 1,
                    "name": "on-call",
                    "receivers": [
                        {
                            "uid": "on-call-telegram",
                            "type": "telegram",
                            "settings": {"bottoken": "${TELEGRAM_BOT_TOKEN}", "chatid": "-100123"},
                            "disableResolveMessage": False,
                        }
                    ],
                }
            ],
        },
        "policies": {
            "apiVersion": 1,
            "policies": [
                {
                    "orgId": 1,
                    "receiver": "on-call",
                    "group_by": ["alertname", "host"],
                    "group_wait": "30s",
                    "routes": [
                        {
                            "receiver": "on-call",
                            "object_matchers": [["severity", "=", "critical"]],
                            "mute_time_intervals": ["weekends"],
                            "continue": True,
                            "repeat_interval": "4h",
                        }
                    ],
                }
            ],
        },
        "mute-timings": {
            "apiVersion": 1,
            "muteTimes": [
                {
                    "orgId": 1,
                    "name": "weekends",
                    "time_intervals": [
                        {
                            "times": [{"start_time": "00:00", "end_time": "24:00"}],
                            "weekdays": ["saturday", "sunday"],
                            "days_of_month": ["1:7", "-1"],
                            "months": ["january:march", "12"],
                            "years": ["2026:2027"],
                            "location": "Europe/Zurich",
                        }
                    ],
                }
            ],
        },
        "templates": {
            "apiVersion": 1,
            "templates": [{"orgId": 1, "name": "text", "template": '{{ define "text" }}{{ end }}'}],
        },
        "deletions": {
            "apiVersion": 1,
            "deleteRules": [{"orgId": 1, "uid": "old-rule"}],
            "deleteContactPoints": [{"orgId": 1, "uid": "old-receiver"}],
            "deleteMuteTimes": [{"orgId": 1, "name": "old"}],
            "deleteTemplates": [{"orgId": 1, "name": "old"}],
            "resetPolicies": [1],
        },
        "datasources": {
            "apiVersion": 1,
            "prune": True,
            "datasources": [
                {
                    "name": "QuestDB",
                    "uid": "questdb",
                    "type": "questdb-questdb-datasource",
                    "access": "proxy",
                    "orgId": 1,
                    "jsonData": {"server": "questdb", "port": 8812, "username": "user", "tlsMode": "disable"},
                    "secureJsonData": {"password": "${QUESTDB_PASSWORD}"},
                    "editable": False,
                },
                {
                    "name": "QuestDB (PostgreSQL)",
                    "uid": "questdb-pg",
                    "type": "grafana-postgresql-datasource",
                    "url": "localhost:8812",
                    "user": "user",
                    "jsonData": {"database": "qdb", "sslmode": "disable", "timescaledb": False},
                },
            ],
            "deleteDatasources": [{"name": "Old", "orgId": 1}],
        },
        "dashboards": {
            "apiVersion": 1,
            "providers": [
                {
                    "name": "dashgen-daemons",
                    "orgId": 1,
                    "type": "file",
                    "folder": "Daemons",
                    "folderUid": "daemons",
                    "disableDeletion": False,
                    "allowUiUpdates": False,
                    "updateIntervalSeconds": 30,
                    "options": {"path": "/var/lib/grafana/dashboards", "foldersFromFilesStructure": False},
                }
            ],
        },
        "tables": {
            "format": 1,
            "tables": {
                "load": {
                    "columns": [
                        {"name": "timestamp", "type": "TIMESTAMP"},
                        {"name": "host", "type": "SYMBOL", "capacity": 16, "minLength": 1, "maxLength": 255},
                        {"name": "n", "type": "LONG", "doc": "Requests.", "unit": "short", "minimum": 0},
                        {"name": "env", "type": "SYMBOL", "choices": ["prod", "dev"], "nullable": True},
                    ],
                    "dedup": ["timestamp", "host"],
                    "designated": "timestamp",
                    "doc": "Load of a host.",
                    "partitionBy": "DAY",
                    "rules": ["n never falls"],
                    "ttl": "90 DAYS",
                    "views": {
                        "load_1m": {
                            "bucketSeconds": 60,
                            "doc": "",
                            "partitionBy": "DAY",
                            "sql": "SELECT timestamp, sum(n) AS n FROM load SAMPLE BY 1m",
                            "ttl": "",
                        }
                    },
                    "wal": True,
                    "writeIntervalSeconds": 10,
                }
            },
        },
        "review": {
            "format": 1,
            "base": "main (3fa2b1c00)",
            "head": "the working specs",
            "different": True,
            "worst": "display",
            "notCompared": [],
            "environments": [
                {
                    "name": "prod",
                    "alertingChanged": False,
                    "newVariables": [],
                    "notVerified": [],
                    "notified": [],
                    "subjects": [
                        {
                            "kind": "dashboard",
                            "id": "daemon-health",
                            "title": "Daemon health",
                            "state": "changed",
                            "worst": "display",
                            "changes": [
                                {
                                    "class": "display",
                                    "why": "",
                                    "place": "Uptime",
                                    "what": "decimals",
                                    "was": "1",
                                    "now": "2",
                                    "lines": [],
                                    "edit": {
                                        "type": "changed",
                                        "path": ["dashboards", "daemon-health"],
                                        "old": 1,
                                        "new": 2,
                                    },
                                }
                            ],
                        }
                    ],
                }
            ],
        },
        "published": {"format": 2, "published": ["dashboard daemon-health", "mute-timing on week ends", "~"]},
    }
