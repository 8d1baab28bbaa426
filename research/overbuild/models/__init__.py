"""Bayesian models with their priors, the one call to the sampler, and the posteriors on file."""
