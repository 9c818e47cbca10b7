"""Statistics of experiments, from sums alone: pure Python on numpy and scipy, without Django."""
