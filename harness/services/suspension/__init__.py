"""Suspension: the signed list of users whom an infrastructure bans, and what sites make of it."""
