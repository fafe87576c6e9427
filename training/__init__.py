"""Training of the shipped models: data, policy, verifiers, export. Run as `python -m training COMMAND`."""
