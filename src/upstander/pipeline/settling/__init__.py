"""Settling: phrases about places that no gazetteer could settle, and what a person decides they mean.

Comes in: phrases as the reading process found them, then one person's answer. Goes out: phrases sealed in the vault, an
audited list of those that wait, aliases as reference data, deliveries read again. Must never: keep a phrase outside the
vault that nobody has looked at, or show one without a line in the audit log.
"""
