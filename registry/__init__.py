"""Brands, marks, reference images, products, rights, authorised sellers."""
