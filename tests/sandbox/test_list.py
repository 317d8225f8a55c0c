"""The list itself: each of its attacks has a test of its name, and one only."""

import re
from pathlib import Path

from sandbox.lab.names import ATTACKS


def test_every_attack_of_the_list_is_tried():
    found = []
    for path in Path(__file__).parent.glob("test_*.py"):
        found += re.findall(r"^def test_(\w+)\(attack\b", path.read_text(), re.M)
    assert sorted(name.replace("_", "-") for name in found) == sorted(ATTACKS)
    assert len(ATTACKS) == 82
