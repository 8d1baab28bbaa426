"""The steps of the build, each of which loads, calls one function and saves."""
