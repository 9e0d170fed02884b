"""Rules that find the cause of a failed test run: by what was raised where, by the contract, by values and reruns.

Each rule is static: it compares texts of the tree, the contract and tracebacks, and believes no message that anybody
could have written. None decides where it cannot see.
"""
