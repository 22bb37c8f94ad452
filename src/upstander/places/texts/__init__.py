"""Places in words: what reception, triage and dispatch type, brought to a class and an area or a point.

Comes in: distinct texts with the treating site; gazetteers, sites, aliases and postcodes as reference holds them.
Goes out: for each text a class, a place with a calibrated confidence and precision, or the phrase to be settled.
Must never: guess a point for a town, call a part of a postcode what no postcode file knows, or hand out a phrase with
words that no place is made of before several rows have said the same.
"""
