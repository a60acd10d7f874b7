"""What a transcoder's features respond to over a corpus: dashboards, and two features compared.

Owns the reading of a corpus, Neuronpedia's feature-details files and their pages. Knows neither
attribution graphs nor circuit-tracer.
"""
