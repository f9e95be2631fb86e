"""Working out stage histories: which stage every customer was in, from an instant on.

`program` compiles a version's rules, `tables` finds the moments at which anything may change and asks the rules
there in SQL, `fold` turns the answers of one customer into stays. Full pass, incremental pass and replay are the
same walk from different starting points, so they agree.
"""
