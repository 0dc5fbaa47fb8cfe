"""Agreement with reference numbers: `python -m tests.parity DIR` compares a folder of them with this library.

cases.py    a case of the folder: its arguments, its arrays
findings.py one array compared with its reference: agreement, or the worst difference
transform.py, codec.py, loss.py, model.py    the checks of each room: a case -> its findings
report.py   the table of checks, and the summary
"""
