"""`updraft doctor`: what this machine has for functions, and what it means."""

import re

from harness.terminal import CommandLine

LEVELS = {"full", "no-cgroup", "no-netns", "landlock-only", "none"}


def test_isolation_and_runtimes_are_told_and_what_they_mean():
    done = CommandLine("http://unused").run("doctor")
    level, meaning = re.search(r"level: (\S+) \((.+)\)", done.out).groups()
    assert level in LEVELS and len(meaning) > 20, done.out
    assert done.code == (0 if level == "full" else 1), done
    missing = re.findall(r"✗ \S+ +without it: .+\n +mend: .+", done.out.partition("\nruntimes")[0])
    assert (level == "full") == (not missing), "each gap has what it means, and a mend"
    runtimes = dict(re.findall(r"  \S (\S+) +(.+)", done.out.partition("\nruntimes")[2]))
    assert {"python3.13", "nodejs22.x", "provided.al2023"} <= set(runtimes)
    assert "\x1b[" not in done.out


def test_on_a_terminal_it_is_coloured_unless_nobody_wants_that():
    line = CommandLine("http://unused")
    assert "\x1b[32m✓" in line.shown("doctor").out
    assert "\x1b[" not in line.shown("doctor", NO_COLOR="1").out
