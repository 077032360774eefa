"""A table that keeps rows for a month."""

from datetime import datetime
from typing import Annotated

from dashgen import Environment, Project
from dashgen.model.tables.table import Designated, table


@table(name="kept", ttl="30 DAYS")
class Kept:
    at: Annotated[datetime, Designated()]
    n: int


PROJECT = Project(environments=(Environment("prod"),), tables=(Kept,))
