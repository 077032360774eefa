"""Runs a command and says what it took: `python -I -S launcher.py RESULT LOG PROGRAM ARGUMENT…`.

Linux counts what a process was before it loaded a program into the peak that `wait4` reports, so the peak is never
less than that of the process that starts it (fs/exec.c: setmax_mm_hiwater_rss; read). This one imports nothing but
what the interpreter has, and is smaller than any program that is measured.
"""

import os
import sys
import time

result, log, *command = sys.argv[1:]
output = (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
start = time.perf_counter()
process = os.posix_spawn(command[0], command, os.environ, file_actions=(output, (os.POSIX_SPAWN_DUP2, 1, 2)))
_, status, used = os.wait4(process, 0)
wall = time.perf_counter() - start
with open(result, "w", encoding="ascii") as file:  # noqa: PTH123  # pathlib would be part of every peak
    file.write(f"{os.waitstatus_to_exitcode(status)} {wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss * 1024}")
