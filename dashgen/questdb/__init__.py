"""A real QuestDB without Docker or a system Java, and what dashgen does with one.

    with EmbeddedQuestDB() as db:
        db.execute("CREATE TABLE …")

Importing this costs nothing beyond the standard library; what needs dashgen's extra `questdb` says so when
used.
"""

from dashgen.questdb.errors import MissingExtraError, QueryError, QuestDBError, ServerError
from dashgen.questdb.http import Client, Response
from dashgen.questdb.server import EmbeddedQuestDB

__all__ = [
    "Client",
    "EmbeddedQuestDB",
    "MissingExtraError",
    "QueryError",
    "QuestDBError",
    "Response",
    "ServerError",
]
