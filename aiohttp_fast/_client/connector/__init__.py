"""Connections: pooling, limits, name resolution, TLS."""
