"""Who hears of an alert. Critical ones reach the phone (Telegram) and the mailbox, warnings the channel (Discord).

Every secret is named here and set where Grafana runs; `environment.example` lists them all.
"""

from dashgen import ChannelRoute, ContactPoint, Discord, Email, Policy, Telegram, Webhook, datasource_errors

TELEGRAM = ContactPoint("telegram", (Telegram("telegram-on-call"),))
DISCORD = ContactPoint("discord", (Discord("discord-on-call"),))
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
