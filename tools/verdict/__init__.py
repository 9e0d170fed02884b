"""Verdicts: what has to hold (`suite`), how it is found out (`reach`), and how it is told (`judge`).

`red` shows first that the tests can fail; `traps` and `sprung` notice tampering; `held_back` compares outside;
`mutants` asks afterwards what the tests would notice.
"""
