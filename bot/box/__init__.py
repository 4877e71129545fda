"""A box for the dialogue engine: no network but one socket, no files but its own, no secrets, no rights.

Every measure that the kernel gives is used, one behind the other, without root and without installed tools. `enter.py`
is the program that goes in; it stands on Python's own library alone.
"""
