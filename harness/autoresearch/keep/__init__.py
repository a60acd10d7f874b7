"""When a change is kept: pure functions on numbers, no files, no runs.

A change is kept after four hurdles. Paired runs against the incumbent pass a t-test at one of a few
looks, at the level that the trial has of the campaign's (`look`, `alpha`). No guardrail is broken
(`guard`). Of several changes stacked, those that the score does not need are left out (`ablation`).
Fresh pairs on the gate's world pass a second t-test (`gate`). `replay` tells results that replicate
nothing; `shrink` takes the luck of the selected out of a reported gain.

What the levels promise. Be a trial null if its change is no gain (or, for a simpler recipe, a loss
of the margin or more). Where its differences on dev are fresh given all that went before, nulls
pass there in at most `KeepRule.alpha` of campaigns. On dev that premise is weak: challengers of one
incumbent share its runs, and a proposer that works on from lucky trials inherits their luck on the
same seeds. The gate's pairs are fresh for each trial and shown to nobody. Where its visits share
`gate_alpha` (`alpha.gate_level`), a campaign keeps a null with at most that chance, whatever is
done on dev. A false keep takes both. `benchmarks/autoresearch_aa.py` measures it.

What they do not promise. t-tests at levels near 1e-4 rest on the shape of the noise. A change that
changes nothing has symmetric differences, since candidate and incumbent could be swapped, and those
are safe. A change that wins a little on most seeds and loses much on few, with a mean of zero, is
not: eight seeds may hold none of the few. With differences as skewed as a reversed exponential, and
120 such changes, one is kept in a tenth of campaigns. Simpler recipes are let in with losses below
the margin each, and a chain of those may lose the sum: only baseline against final winner tells.
"""
