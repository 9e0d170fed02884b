"""What the nodes work with: models, sandbox, artifact store, gates, events, ledger."""
