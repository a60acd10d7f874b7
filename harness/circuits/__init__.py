"""Attribution graphs made: models run with replacement modules, and what causes what in them.

The only place that imports circuit-tracer and llamascopium. What a graph file holds is in
`graphs/`.
"""
