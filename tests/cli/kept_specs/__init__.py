"""A table that keeps rows for a month."""

from datetime import datetime
from typing import Annotated

from dashgen import Designated, Environment, Project, table


@table(name="kept", ttl="30 DAYS")
class Kept:
    at: Annotated[datetime, Designated()]
    n: int


PROJECT = Project(environments=(Environment("prod"),), tables=(Kept,))
