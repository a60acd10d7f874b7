"""What everybody who asks a model has in common: the two SDKs' clients and their errors."""
