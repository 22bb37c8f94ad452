"""The sender's checker: one HTML file that judges a CSV file as `upstander check` does, and sends nothing.

Comes in: a supplier map, and so a contract. Goes out: a page with the rules as data and our own scripts, each of which
does what the Python module of the same name does. Must never: fetch or send anything, or show a value of a column that
may not be quoted.
"""

from upstander.intake.checker.making import checker_html

__all__ = ["checker_html"]
