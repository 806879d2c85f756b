"""What a team does with the evidence: compare a council's path, keep decisions, assess itself."""

from commissioning.practice.paths import Comparison, compare_path

__all__ = ["Comparison", "compare_path"]
