"""Hold two replications of one paper against each other. Measures and judges nothing anew."""
