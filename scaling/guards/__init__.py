"""What holds for every strategy: limits, paces and a dependency that is saturated. Pure, like the strategies."""
