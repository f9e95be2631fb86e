"""Trying a version out: what it would do, without doing it.

`asking` takes the question, `running` walks everybody with the version, as publishing would, `writing` puts what comes
out into tables of the simulation's own, `summing` adds it up, `telling` says it in words.
"""
