"""What a site does with the lists of suspended users: fetch, check, apply by each service's own means."""
