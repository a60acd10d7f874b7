"""Coding agents behind one protocol: two command-line programs, three APIs, and a script."""
