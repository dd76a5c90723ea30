"""What each measure of a place weighs. Written by `python -m scripts.fit.logos`."""

BIAS = -6.3714
# name: (weight, mean, spread); the measure less its mean, in spreads, times the weight adds to the log-odds
WEIGHTS = {
    "coarse": (-0.4167, 0.3874, 0.0705),
    "held": (-0.1243, 0.3156, 0.0565),
    "held_quarter": (0.3331, 0.1070, 0.0880),
    "held_sector": (0.1748, 0.1139, 0.0967),
    "present": (0.8663, 0.5921, 0.0924),
    "edges": (0.2598, 0.2944, 0.0887),
    "silhouette": (0.6780, 0.1748, 0.1278),
    "colours": (0.1168, 0.0009, 0.1864),
    "two_tone": (0.1087, 0.1740, 0.1558),
    "likeness": (-0.0880, 0.1371, 0.1421),
    "stretch": (0.6280, 0.2715, 0.2060),
    "shear": (-0.7796, 0.3175, 0.2034),
    "area": (0.5893, -0.0856, 0.2914),
    "contours": (0.9922, 5.8625, 0.2997),
    "fill": (-0.5095, 0.3585, 0.1503),
    "noise": (0.2337, 0.1574, 0.0419),
}
