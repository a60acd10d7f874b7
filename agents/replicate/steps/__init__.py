"""The steps of a campaign, one a file. Each is safe to take again after a kill at any instant."""
