"""Accounting: repositories to which sites publish what whose users have used.

`records` is what a repository gives out, `client` asks for it, and `messages` makes messages as a site
signs them. `usage` adds up what all repositories report of a run.
"""
