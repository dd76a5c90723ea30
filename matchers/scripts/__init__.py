"""One file per script: what a reader hears and sees in its letters, and how names in it are written otherwise.

Every file offers ``heard(character)``, used to compare (`matchers.scripts.hearing`), and ``VARIANTS``, used to propose
and to make test data (`matchers.variants`): for each way of writing otherwise a function that yields every form of a
name written that way.
"""
