"""What figures depend on: the machine, the versions, and how busy the machine is."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine() -> dict[str, str]:
    named = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": named[0].partition(":")[2].strip() if named else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory / 2**30:.0f} GiB",
        "system": platform.system(),
        "python": platform.python_version(),
    }


def load_average() -> float:
    """Processes that ran or waited for a processor, the mean of the last minute."""
    return round(os.getloadavg()[0], 2)


def processor_seconds(pid: int) -> float:
    """What a process has used since its start, on all cores."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
