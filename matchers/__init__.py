"""Image, text, price, seller and wording signals, fused into one probability with reasons. Pure functions."""
