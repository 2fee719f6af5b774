"""Damaged and forged input of every kind, by the thousand; see `benchmarks/README.md`.

Each file of this folder is one line of the table that `python -m benchmarks.campaign`
prints. What is tried is drawn by Hypothesis from a seed; each attempt is a process of
its own, so that whatever it does is seen from outside.
"""
