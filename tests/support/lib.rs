//! Builders, databases and the practice shop, for the suites.
