"""Released tables as products: the injury-surveillance bulletin as an accessible PDF and one self-contained web page;
open data, accessible workbooks and recipients' copies (`exports`).

Comes in: `ReleasedTable`s, outlines of areas, and facts that are not about people (deliveries, actions, methods).
Goes out: files, the same bytes for the same input. Must never: take a number about people that is not in a
`ReleasedTable`, count or estimate anything itself, fetch anything, or show a withheld number by another door.
"""
