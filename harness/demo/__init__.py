"""`testbed demo`: one use case for people who look on, told in a terminal and on a page while it happens.

The scenario itself runs, and an observer of its evidence tells what is done: nothing is played. Events
go one way: narrator -> feed -> terminal, page, recording.
"""
