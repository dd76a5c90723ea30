"""One module per marketplace, over a few shared families.

A module names its page classes in ``PAGES``, in the order they are asked whether they know a page. The manifest
``config/markets/<region>/<market>.toml`` names the module; fixtures of our own in ``tests/crawlers/fixtures/<market>``
prove each class. A class is written only where a real page or a published description shows the shape.
"""
