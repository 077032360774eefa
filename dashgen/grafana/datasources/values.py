"""What a cell of a database's answer holds."""

from __future__ import annotations

from datetime import datetime

Value = datetime | str | bool | int | float | None
