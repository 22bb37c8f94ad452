"""The sentences of the bulletin, by rule from released numbers and their uncertainty, one subject a file.

Comes in: `Facts`. Goes out: findings of at most sixteen words and one number, and the runs of words that stand in a
brief or under a picture. Must never: say more than the intervals allow, or offer a sentence that no longer holds (its
test changes the numbers and expects the sentence to go).
"""
