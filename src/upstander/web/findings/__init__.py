"""The dashboard: a published release to be read, filtered, cited and taken away by professionals.

Comes in: what a reader asks in an address. Goes out: figures that publish draws of released tables, as pages and files.
Must never: ask anything but a published release, or show a dataset that no agreement gives the reader's agency.
"""
