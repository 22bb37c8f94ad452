"""Did it work, could we have seen it, what would have happened, what may come: evaluation and looking ahead.

Comes in: series and panels of counts by period and area, cohorts without identifiers, costs, a seed. Goes out: effects
with intervals, power, forecasts, and the sentences that say them. Must never: show an effect without its interval,
choose the model by the answer, forecast a person, or call a fall an effect before regression to the mean is checked.
"""
