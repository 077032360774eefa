"""Alert rules, expressions, contact points, notification policies, mute timings."""
