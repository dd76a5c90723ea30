"""Does a listing's picture re-use a registered one? Hashes find candidates, local features and correlation decide."""
