"""To be written by its builder."""
