"""Published and reference results, and what the methods make of the same inputs: each comparison stated once.

`catalogue.ALL` names them by the folder of the result; `test_oracles.py` holds them, `tools/oracles.py` prints them.
Every answer comes out of `upstander method run … --json` (`asking.answer`), so that what is compared is what a person
gets. `published.py` holds results that no folder brings: numbers printed in a paper or a book.
"""
