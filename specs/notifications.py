"""Who hears of an alert. Critical ones reach the phone (Telegram) and the mailbox, warnings the channel (Discord).

Every secret is named here and set where Grafana runs; `environment.example` lists them all.
"""

from dashgen import ChannelRoute, ContactPoint, Discord, Email, Policy, Telegram, Template, Webhook, datasource_errors

PAGES = Template(
    "pages",
    """{{ define "page" }}
{{- with .Alerts.Firing }}{{ len . }} firing
{{ if le (len .) 3 }}{{ range . }}{{ template "page.whole" . }}{{ end }}{{ else }}{{ template "page.lines" . }}{{ end }}
{{- end }}
{{- with .Alerts.Resolved }}{{ len . }} resolved
{{ template "page.lines" . }}{{ end }}
{{- end }}

{{ define "page.whole" }}
[{{ .Labels.severity }}, {{ .Labels.env }}] {{ or .Labels.rulename .Labels.alertname }}: {{ .Annotations.summary }}
{{ with .Annotations.Error }}{{ printf "%.300s" . }}
{{ end }}{{ template "page.help" . }}{{ end }}

{{ define "page.help" }}$ {{ .Annotations.command }}
{{ .Annotations.runbook }}
{{ with .Annotations.dashboard_url }}{{ . }}
{{ end }}{{ end }}

{{ define "page.lines" }}
{{- range $number, $alert := . }}{{ if lt $number 20 -}}
- {{ or .Labels.rulename .Labels.alertname }}: {{ printf "%.90s" .Annotations.summary }}
{{ end }}{{ end }}
{{- if gt (len .) 20 }}20 of {{ len . }} are listed
{{ end }}
{{- with index . 0 }}{{ if .Labels.rulename }}{{ with .Annotations.Error }}{{ printf "%.300s" . }}
{{ end }}$ {{ .Annotations.command }}
{{ .Annotations.runbook }}
{{ end }}{{ end }}
{{- end }}""",
)
"""A page that fits into a message: Telegram cuts at 4096 characters, Discord at 2000. Up to three alerts come whole,
more of them a line each; of errors, which have one cause, the text and the first command of the first."""
PAGE_TEXT = '{{ template "page" . }}'

# Grafana's own message prints "Value: [no value]" of an error; HTML, Telegram's default, would refuse a text with a "<"
TELEGRAM = ContactPoint("telegram", (Telegram("telegram-on-call", message=PAGE_TEXT, parse_mode="None"),))
DISCORD = ContactPoint("discord", (Discord("discord-on-call", message=PAGE_TEXT),))
EMAIL = ContactPoint("email", (Email("email-on-call"),))
WATCHDOG = ContactPoint(
    "watchdog", (Webhook("watchdog-heartbeat", url="${WATCHDOG_URL}", disable_resolve_message=True),)
)
CONTACT_POINTS = (TELEGRAM, DISCORD, EMAIL, WATCHDOG)

PAGE = (TELEGRAM.name, EMAIL.name)
TELL = (DISCORD.name,)

POLICY = Policy(
    receiver=EMAIL,
    group_by=("env", "host"),
    group_wait="30s",
    group_interval="5m",
    repeat_interval="4h",
    routes=(
        datasource_errors(TELEGRAM, repeat_interval="1h"),
        # whoever watches the watcher must hear from it: a heartbeat every two minutes, as a repetition that is due with
        # a flush goes out with the next one
        ChannelRoute(WATCHDOG, group_by=("alertname",), group_wait="0s", group_interval="1m", repeat_interval="1m"),
        ChannelRoute(TELEGRAM, group_wait="10s"),
        ChannelRoute(DISCORD, group_interval="10m", repeat_interval="12h"),
        ChannelRoute(EMAIL),
    ),
)
