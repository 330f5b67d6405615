"""The proof that every scenario can fail: each is run against sites that are broken on purpose.

`mutants` are the faults; `routes` makes a route to a site that has one; `pairs` are what runs; `judgement`
says which scenario was killed by which mutant; `prove` does it all.
"""
