"""Is it more than usual, where, and is it violence or its recording: alarms, scans, delays, recording changes.

Comes in: counts by series and week, counts by place and period, dates of events and of their recording. Goes out:
arrays and small results that carry their uncertainty and how often they would be wrong by chance. Must never: call a
rise real on one source's word, or count a week that is not yet all reported as a fall.
"""
