"""A replication in one file: packed with its environment, checked before any of it is used."""
