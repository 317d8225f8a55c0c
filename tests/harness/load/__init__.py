"""Load that remembers what it was promised: stations that work on a platform while it dies, and check it afterwards.

A station belongs to one thread. `step` does one thing and notes what was acknowledged, and what was cut off with its
outcome unknown; `check` runs while nobody works, and fails where an acknowledged write is missing, an outcome is none
of the possible ones, or something is half made.
"""
