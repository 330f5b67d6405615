"""User support: helpdesks that exchange tickets by mail.

`testbed` knows them by their mail server; agents use the helpdesk's own programming interface.
"""
