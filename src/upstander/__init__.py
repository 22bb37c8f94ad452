"""Upstander: the platform a Violence Reduction Network runs on.

Comes in: files from agencies that share data under an agreement. Goes out: safe evidence that people act on.
Must never: release a small number, keep an identity past intake, or change what was delivered.
"""
