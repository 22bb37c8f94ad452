"""Pages about people: signing in, one's own account, everybody's accounts, conflicts of interest.

Comes in: requests that the door has let through. Goes out: pages, and calls of one action each. Must never: ask for a
role by itself, or change anything but by an action.
"""
