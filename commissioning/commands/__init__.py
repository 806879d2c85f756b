"""What the commands of `commissioning` do, one module each, but for those that only call a step."""
