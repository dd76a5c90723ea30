"""What each measure of a place weighs. Written by `python -m scripts.fit.logos`."""

BIAS = -4.4950
# name: (weight, mean, spread); the measure less its mean, in spreads, times the weight adds to the log-odds
WEIGHTS = {
    "coarse": (-0.3062, 0.4053, 0.0735),
    "held": (0.0988, 0.3199, 0.0737),
    "held_quarter": (0.2535, 0.1179, 0.1147),
    "held_sector": (0.1631, 0.1234, 0.1144),
    "present": (1.0359, 0.5976, 0.1105),
    "edges": (0.1575, 0.3109, 0.1041),
    "silhouette": (0.8104, 0.1916, 0.1501),
    "colours": (0.0519, 0.0038, 0.2097),
    "two_tone": (0.0011, 0.2006, 0.1859),
    "likeness": (0.1240, 0.1545, 0.1619),
    "stretch": (0.3649, 0.2007, 0.1489),
    "shear": (-0.3738, 0.2428, 0.1551),
    "area": (0.3082, -0.0386, 0.2308),
    "contours": (0.8382, 5.8570, 0.3047),
    "fill": (-0.3383, 0.3578, 0.1498),
    "noise": (0.1218, 0.1582, 0.0437),
}
